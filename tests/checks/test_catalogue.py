"""The catalogue holds every requirement of the product's table once, with its level and its words."""

from pathlib import Path

import pytest

import checks
from auditor.model.control import Control, Kind
from checks import CONTROLS, catalogue

LEVELS = {
    2: (
        "services.telnet-off", "services.ftp-off", "services.snmp-off", "services.http-no-cleartext-password",
    ),
    3: (
        "services.http-off", "services.telnet-challenge-off", "services.https-on",
        "services.no-other-management-service",
        "clients.external-manager-https", "clients.external-services-https", "clients.corporate-directory-https",
        "clients.feedback-https", "software.supports-secure-management", "tms.https-on", "tms.secure-only",
    ),
    4: (
        "certificates.complete", "certificates.in-date", "certificates.name-matches", "certificates.trusted",
        "certificates.server-purpose", "certificates.not-revoked", "certificates.own",
        "clients.verify-server-certificate", "clients.root-list-loaded", "clients.addresses-are-hostnames",
        "prerequisites.ntp", "prerequisites.clock", "prerequisites.dns-server", "prerequisites.fqdn",
        "services.ssh-at-level-4", "tms.verify-certificates", "tms.fqdn-configured", "tms.systems-by-hostname",
        "tms.server-dns", "tms.server-time", "tms.override-dns-off", "tms.one-name-for-all",
    ),
}  # fmt: skip
OTHERS = {
    Kind.LINK: ("trust.device-accepts-tms", "trust.tms-accepts-device"),
    Kind.LOCK_DOWN: (
        "tms.http-refused", "tms.snmp-scan-off", "tms.snmp-broadcast-disabled", "tms.integrations-https",
    ),
    Kind.ADVISORY: (
        "certificates.expires-soon", "certificates.key-strength", "certificates.signature-algorithm",
        "tls.protocol-version", "tls.weak-cipher", "ssh.protocol-1", "ssh.weak-algorithms",
        "services.http-basic-offered", "access.strict-password", "access.default-password", "tms.database-encrypted",
        "tms.open-tickets",
    ),
}  # fmt: skip


def test_catalogue_is_the_table() -> None:
    """Every requirement is there exactly once, with its kind and level, and none besides."""
    expected: set[tuple[str, Kind, int | None]] = {
        (id_, Kind.LEVEL, level) for level, ids in LEVELS.items() for id_ in ids
    }
    expected |= {(id_, kind, None) for kind, ids in OTHERS.items() for id_ in ids}
    assert {(c.id, c.kind, c.level) for c in CONTROLS} == expected
    assert len(CONTROLS) == len(expected)


def test_duplicates_are_refused() -> None:
    """A catalogue with one identifier twice cannot be made."""
    with pytest.raises(ValueError, match=CONTROLS[0].id):
        catalogue(CONTROLS[0], CONTROLS[1], CONTROLS[0])


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: c.id)
def test_file_is_named_after_the_control(control: Control) -> None:
    """The way from an identifier to its code is a file name, and the file is short."""
    theme, _, requirement = control.id.partition(".")
    name = requirement.replace("-", "_")
    path = Path(checks.__file__).parent / theme / f"{name}.py"
    assert control.judge.__name__ == name
    assert control.judge.__code__.co_filename == str(path)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: c.id)
def test_words_are_sentences(control: Control) -> None:
    """Reports print these words: two to five sentences of rationale, and whole sentences for the rest."""
    assert 2 <= sum(control.rationale.count(mark) for mark in (". ", ".\n")) + 1 <= 6
    for words in (control.rationale, control.method, control.blind_spots):
        assert words.endswith(".")
        assert words[0].isupper()
        assert "  " not in words.replace("\n", "")
    assert control.needs
    assert not control.title.endswith(".")


def test_no_file_is_left_out() -> None:
    """Every module of a requirement is in the catalogue."""
    files = Path(checks.__file__).parent.glob("*/*.py")
    named = {f"{f.parent.name}.{f.stem.replace('_', '-')}" for f in files if not f.stem.startswith("_")}
    assert named == {c.id for c in CONTROLS}
