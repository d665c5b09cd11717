"""The command line: one module for each command, and `assembly`, where the parts of the program are put together."""
