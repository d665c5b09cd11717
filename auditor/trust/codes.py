"""OpenSSL's verification results: numbers, names, and the line that a device of the guide's time writes to its log.

Names are stable, numbers are not: 24 was "invalid CA" until OpenSSL 1.1 and is something else since 3.0, where invalid
CA became 79. Code here says names; numbers are looked up (OpenSSL `x509_vfy.h`, generations 0.9.8 and 3.0).
"""

OK = "X509_V_OK"

NUMBERS = {
    OK: 0,
    "X509_V_ERR_UNSPECIFIED": 1,
    "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT": 2,
    "X509_V_ERR_UNABLE_TO_GET_CRL": 3,
    "X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY": 6,
    "X509_V_ERR_CERT_SIGNATURE_FAILURE": 7,
    "X509_V_ERR_CRL_SIGNATURE_FAILURE": 8,
    "X509_V_ERR_CERT_NOT_YET_VALID": 9,
    "X509_V_ERR_CERT_HAS_EXPIRED": 10,
    "X509_V_ERR_CRL_NOT_YET_VALID": 11,
    "X509_V_ERR_CRL_HAS_EXPIRED": 12,
    "X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD": 13,
    "X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD": 14,
    "X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD": 15,
    "X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD": 16,
    "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT": 18,
    "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN": 19,
    "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY": 20,
    "X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE": 21,
    "X509_V_ERR_CERT_CHAIN_TOO_LONG": 22,
    "X509_V_ERR_CERT_REVOKED": 23,
    "X509_V_ERR_NO_ISSUER_PUBLIC_KEY": 24,
    "X509_V_ERR_PATH_LENGTH_EXCEEDED": 25,
    "X509_V_ERR_INVALID_PURPOSE": 26,
    "X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER": 33,
    "X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION": 34,
    "X509_V_ERR_KEYUSAGE_NO_CRL_SIGN": 35,
    "X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION": 36,
    "X509_V_ERR_INVALID_EXTENSION": 41,
    "X509_V_ERR_DIFFERENT_CRL_SCOPE": 44,
    "X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE": 45,
    "X509_V_ERR_PERMITTED_VIOLATION": 47,
    "X509_V_ERR_EXCLUDED_VIOLATION": 48,
    "X509_V_ERR_SUBTREE_MINMAX": 49,
    "X509_V_ERR_APPLICATION_VERIFICATION": 50,
    "X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE": 51,
    "X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX": 52,
    "X509_V_ERR_UNSUPPORTED_NAME_SYNTAX": 53,
    "X509_V_ERR_EE_KEY_TOO_SMALL": 66,
    "X509_V_ERR_CA_KEY_TOO_SMALL": 67,
    "X509_V_ERR_CA_MD_TOO_WEAK": 68,
    "X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM": 76,
    "X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY": 78,
    "X509_V_ERR_INVALID_CA": 79,
    "X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA": 80,
    "X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN": 81,
    "X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA": 82,
    "X509_V_ERR_ISSUER_NAME_EMPTY": 83,
    "X509_V_ERR_SUBJECT_NAME_EMPTY": 84,
    "X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER": 85,
    "X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER": 86,
    "X509_V_ERR_EMPTY_SUBJECT_ALT_NAME": 87,
    "X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL": 88,
    "X509_V_ERR_CA_BCONS_NOT_CRITICAL": 89,
    "X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL": 90,
    "X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL": 91,
    "X509_V_ERR_EC_KEY_EXPLICIT_PARAMS": 94,
}
"""Numbers by name, as OpenSSL 3 counts."""

OLD_NUMBERS = {"X509_V_ERR_INVALID_CA": 24}
"""Where OpenSSL 0.9.8 to 1.1, and so the devices, used another number for the same name."""


def number_of(name: str) -> int:
    """Return OpenSSL 3's number of a result."""
    return NUMBERS[name]


def old_number_of(name: str) -> int:
    """Return the number that OpenSSL 0.9.8 (and a device of 2008) gives the same result."""
    return OLD_NUMBERS.get(name, NUMBERS[name])


def device_log_line(name: str, *, name_matches: bool | None) -> str:
    """Return the line that a device would log for this result (D50520 Rev 2, Appendix on client log files).

    The devices leave the prefix out and count as OpenSSL 0.9.8 does. No reference name means no name check.

    >>> device_log_line("X509_V_ERR_CERT_HAS_EXPIRED", name_matches=True)
    'SSL: socklib_sslHandshake: VerifyResult=10=CERT_HAS_EXPIRED, NameCheck: Match'
    """
    short = name.removeprefix("X509_V_").removeprefix("ERR_")
    check = {True: "Match", False: "Mismatch", None: "None"}[name_matches]
    return f"SSL: socklib_sslHandshake: VerifyResult={old_number_of(name)}={short}, NameCheck: {check}"
