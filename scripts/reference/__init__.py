"""What is written from the code: the manual page, the completions, and the reference pages of the documents."""
