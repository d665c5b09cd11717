"""Links: whether each party accepts the certificate of the other."""
