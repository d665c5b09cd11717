"""What holds for every test."""

from hypothesis import HealthCheck, settings

# How long an example takes says more of what else this machine does than of the code: time is never what fails.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("patient")
