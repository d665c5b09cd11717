"""Today's practice for SSH, beside the guide."""
