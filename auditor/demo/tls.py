"""TLS contexts of simulated devices, old versions included."""

import ssl
import warnings
from pathlib import Path

from auditor.demo.device import TlsVersion

_VERSIONS: dict[TlsVersion, ssl.TLSVersion] = {
    "TLSv1.0": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


def server_context(chain: Path, key: Path, versions: tuple[TlsVersion, TlsVersion]) -> ssl.SSLContext:
    """Return a context that speaks the versions from the first to the second, with weak keys and SHA-1 allowed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    lowest, highest = (_VERSIONS[version] for version in versions)
    with warnings.catch_warnings():
        # Old versions are what these devices speak; Python warns of the mere setting.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = lowest
        context.maximum_version = highest
    context.load_cert_chain(chain, key)
    return context
