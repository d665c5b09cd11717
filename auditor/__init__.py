"""A read-only compliance auditor for video-conferencing fleets.

It looks at endpoints and their management server from outside, scores each against the four security
levels of a vendor guide (TANDBERG, Implementing Secure Management, D50520 Rev 2), and writes reports whose
every verdict shows its evidence. Nothing on a device is ever changed.
"""

__version__ = "0.1.0"
