"""What a judge accepts: the two sets of rules of this audit, as data."""

from dataclasses import dataclass

SERVER = "1.3.6.1.5.5.7.3.1"
CLIENT = "1.3.6.1.5.5.7.3.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustRules:
    """Switches of a judgement. `DEVICE_RULES` decide Level 4; `MODERN_RULES` give advisories.

    `weak_accepted`: weak keys and signatures are problems, but do not change `verify_code`. `minimum_bits` is for RSA
    and DSA keys, elliptic curves need half the strength's bits (224 and more). `common_name_counts`: the name check
    holds by common name alone. `address_counts`: an IP address can match an iPAddress name. `any_anchor`: a listed
    certificate that is no root ends a path. `end_inclusive`: a certificate is still valid in the very second of its
    notAfter (RFC 5280; OpenSSL 3 says no). `profile`: the rules of RFC 5280 and of the CA/Browser Forum's baseline for
    what a certificate must look like. `purpose` is the extended key usage asked for, None for none.
    `revocation_required`: a certificate without usable revocation list fails. `maximum_intermediates` is a count
    without self-issued ones, None for no limit.
    """

    name: str
    weak_accepted: bool
    minimum_bits: int = 2048
    common_name_counts: bool = True
    address_counts: bool = False
    any_anchor: bool = False
    end_inclusive: bool = False
    profile: bool = False
    purpose: str | None = SERVER
    revocation_required: bool = False
    maximum_intermediates: int | None = None


DEVICE_RULES = TrustRules(name="device", weak_accepted=True)
"""A device of 2008: OpenSSL 0.9.8 without extra checks, and the common name (D50520 Rev 2, certificate chapters)."""

MODERN_RULES = TrustRules(
    name="modern",
    weak_accepted=False,
    common_name_counts=False,
    address_counts=True,
    any_anchor=True,
    end_inclusive=True,
    profile=True,
)
"""Today's practice: RFC 5280, RFC 9525 and the CA/Browser Forum's baseline requirements."""
