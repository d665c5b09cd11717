"""The requirements: one module each, and the catalogue that lists them in order."""
