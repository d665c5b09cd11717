"""Judging of certificate chains: DER, roots, a name, a time and rules in, a `ChainReport` out.

Pure: no network, no clock.

>>> from datetime import UTC, datetime
>>> judge((), anchors=Anchors.of(()), reference=None, at=datetime(2026, 1, 1, tzinfo=UTC)).verify_name
'X509_V_ERR_UNSPECIFIED'
"""

from auditor.trust.anchors import Anchors
from auditor.trust.crl import RevocationLists
from auditor.trust.judge import judge
from auditor.trust.ocsp import read_staple
from auditor.trust.parse import list_addresses, parse_certificate
from auditor.trust.pem import FileError, read_pem_or_der
from auditor.trust.rules import DEVICE_RULES, MODERN_RULES, TrustRules

__all__ = [
    "DEVICE_RULES",
    "MODERN_RULES",
    "Anchors",
    "FileError",
    "RevocationLists",
    "TrustRules",
    "judge",
    "list_addresses",
    "parse_certificate",
    "read_pem_or_der",
    "read_staple",
]
