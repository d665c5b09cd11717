"""Examples of the verdicts of `tls.*`."""

from auditor.model.facts import TlsVersions
from tests.checks.evidence import FAILED, REFUSED, met, not_applicable, not_met, observe, tls, undetermined, versions

VERSION, CIPHER = "tls.protocol-version", "tls.weak-cipher"
SHUT = (tls(REFUSED), observe(TlsVersions, "tls-versions/https", REFUSED))
UNKNOWN = observe(TlsVersions, "tls-versions/https", FAILED)

EXAMPLES = (
    met(VERSION, tls(), versions()),
    not_met(VERSION, tls(version="TLSv1.0"), says="TLSv1.0"),
    not_met(VERSION, tls(), versions(("SSLv3", "TLSv1", "TLSv1.2"), ()), says="SSLv3, TLSv1"),
    undetermined(VERSION, tls()),
    undetermined(VERSION, tls(), versions(refused=("SSLv3", "TLSv1.0")), says="TLSv1.1"),
    undetermined(VERSION, tls(), UNKNOWN),
    undetermined(VERSION),
    not_applicable(VERSION, *SHUT),
    met(CIPHER, tls(), versions()),
    *(not_met(CIPHER, tls(cipher=name), versions()) for name in (
        "TLS_RSA_WITH_RC4_128_MD5", "DES-CBC3-SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "ADH-AES128-SHA",
        "EXP-RC2-CBC-MD5")),
    not_met(CIPHER, tls(bare=True)),
    not_met(CIPHER, tls(), versions(weak=("TLS_RSA_WITH_RC4_128_SHA",)), says="RC4"),
    undetermined(CIPHER, tls(), says="were not offered"),
    undetermined(CIPHER, tls(), UNKNOWN),
    undetermined(CIPHER),
    not_applicable(CIPHER, *SHUT),
)  # fmt: skip
