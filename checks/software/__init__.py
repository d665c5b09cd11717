"""Which software the host runs."""
