"""Policy switches: places where the guide contradicts itself or is silent, each with the default of product.md."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How doubtful places of the guide are read in this audit.

    `minimum_key_bits` is for RSA and DSA keys; days and seconds are whole numbers. The guide: MXP, MPS and VCS "Secure
    Management Profiles" against the Level 4 steps (SSH), the Level 4 steps of the VCS (verify mode), the TMS table of
    protocols (feedback).
    """

    ssh_at_level_4: Literal["allowed", "forbidden"] = "allowed"
    http_redirect_only: Literal["forbidden", "allowed"] = "forbidden"
    vcs_verify_mode: Literal["on", "off"] = "on"
    feedback_http_level: Literal[1, 2] = 2
    minimum_key_bits: int = 2048
    expiry_warning_days: int = 90
    clock_tolerance_seconds: int = 300
    require_revocation_check: bool = False
