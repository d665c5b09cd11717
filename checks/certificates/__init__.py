"""The certificate that the host presents, and whether it would pass the device's own checks."""
