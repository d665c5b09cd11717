"""HTTPS ports do real TLS: the device's versions only, and its certificate."""

import contextlib
import socket
import ssl
import warnings
from collections.abc import Callable

import pytest
from cryptography import x509

from auditor.demo.device import PORTS, TlsVersion
from auditor.demo.fleet import FLEET, RunningFleet
from auditor.demo.pki import CertificateKind
from auditor.demo.recorder import Kind, Request

Asked = Callable[..., tuple[Request, ...]]

VERSIONS: dict[TlsVersion, ssl.TLSVersion] = {
    "TLSv1.0": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
ENCRYPTED = [spec for spec in FLEET if (https := spec.service("https")) and https.behaviour == "normal"]


def shake_hands(
    fleet: RunningFleet, device: str, only: TlsVersion | None = None
) -> tuple[str | None, x509.Certificate]:
    """Return the version agreed on and the leaf. Raises OSError where nothing is agreed on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    if only:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = VERSIONS[only]
    address = (fleet.devices[device].address, PORTS["https"])
    with socket.create_connection(address, timeout=3) as plain, context.wrap_socket(plain) as client:
        der = client.getpeercert(binary_form=True)
        assert der is not None
        return client.version(), x509.load_der_x509_certificate(der)


@pytest.mark.parametrize("device", [spec.name for spec in ENCRYPTED])
def test_every_encrypted_device_shakes_hands(fleet: RunningFleet, device: str) -> None:
    """With its newest version, and a certificate of its kind."""
    spec = fleet.devices[device].spec
    version, leaf = shake_hands(fleet, device)
    name = leaf.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    assert version == spec.tls[1].replace("TLSv1.0", "TLSv1")
    expected = {CertificateKind.FACTORY: "TANDBERG", CertificateKind.WRONG_NAME: f"old-{spec.hostname}"}
    assert name == expected.get(spec.certificate, spec.hostname)


@pytest.mark.parametrize("device", ["rm104", "mps2", "vcs1", "vcs2"])
@pytest.mark.parametrize("version", list(VERSIONS))
def test_versions_outside_the_devices_range_are_refused(fleet: RunningFleet, device: str, version: TlsVersion) -> None:
    """One alone each time, as the auditor asks."""
    lowest, highest = fleet.devices[device].spec.tls
    order = list(VERSIONS)
    spoken = order.index(lowest) <= order.index(version) <= order.index(highest)
    with contextlib.nullcontext() if spoken else pytest.raises(OSError, match=r"(?i)protocol|alert|reset|version"):
        shake_hands(fleet, device, version)


def test_two_devices_share_a_key_and_no_others_do(fleet: RunningFleet) -> None:
    """But for those that still have the factory's."""
    keys: dict[bytes, list[str]] = {}
    for spec in ENCRYPTED:
        public = shake_hands(fleet, spec.name)[1].public_key()
        keys.setdefault(repr(public.public_numbers()).encode(), []).append(spec.name)  # type: ignore[union-attr]  # RSA
    assert sorted(names for names in keys.values() if len(names) > 1) == [
        ["rm103", "rm106", "mps6", "vcs1", "vcs7"],
        ["rm107", "rm108"],
    ]


def test_a_handshake_that_is_broken_off_is_recorded(fleet: RunningFleet, asked: Asked) -> None:
    """A reader of certificates hangs up after the server's first flight, and the next one is served as well."""
    with socket.create_connection((fleet.devices["mps3"].address, PORTS["https"]), timeout=3) as client:
        client.sendall(b"\x16\x03\x01")
    assert [(r.kind, r.what) for r in asked("mps3")] == [
        (Kind.CONNECT, "connect"),
        (Kind.MALFORMED, "handshake not finished"),
    ]
    assert shake_hands(fleet, "mps3")[0] == "TLSv1.2"
