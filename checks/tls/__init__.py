"""Today's practice for TLS, beside the guide."""
