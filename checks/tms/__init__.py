"""Requirements of the management server alone."""
