"""Which services of the host answer, and what they protect."""
