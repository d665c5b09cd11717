"""The guide's table of interactions: its rows, and what fills them in."""

import pytest

from auditor.engine.interactions import rows
from auditor.model.assessment import AuditRun, Interaction
from auditor.model.collected import HostEvidence
from auditor.model.evidence import AnyObservation
from auditor.model.facts import DatabaseEncryption, DatabaseFace, FeedbackList, HttpFace, OpenService
from tests.engine.managed import PATHS, device, host_of, opened, page, refused, run_of, server, telnet
from tests.engine.parties import ADDRESS, PROTOCOL, REFUSED, TIMED_OUT, VERIFY, observe, roots, setting, stated, tls


def database(says: DatabaseEncryption) -> AnyObservation:
    """Return what the database server answers before login."""
    face = DatabaseFace(address="192.0.2.30", port=1433, version="9.0.5000", encryption=says)
    return observe(DatabaseFace, "database/encryption", face)


def row(run: AuditRun, name: str) -> Interaction:
    """Return one row of the server's table."""
    return next(i for i in host_of(run, "manager").interactions if i.row == name)


SILENT_HTTP = observe(OpenService, "port/http", TIMED_OUT)
SILENT_TELNET = observe(OpenService, "port/telnet", TIMED_OUT)
NO_SECURE_ONLY = server(stated("secure-only", "no"))
LOCKED = server(*(page("http", path, 403) for path in PATHS))
CLOSED = server(*refused("http"), *(observe(HttpFace, f"get/http{p}", REFUSED) for p in PATHS))
EXPIRED = stated("database-encrypted", days=-1)
HTTP_ADDRESSES = observe(FeedbackList, "feedback/urls", FeedbackList(urls=("http://manager.example.test/",)))


def test_the_table_has_the_guides_rows_and_levels() -> None:
    """Eleven rows in the guide's order, each with the guide's own level beside what was found."""
    assert [(r.row, r.by_default) for r in rows()] == [
        ("users", 2), ("devices-http", 2), ("devices-https", 3), ("devices-snmp", 1), ("devices-snmp-traps", 1),
        ("devices-telnet", 1), ("devices-telnet-challenge", 2), ("devices-ftp", 1), ("feedback", 1), ("database", 4),
        ("integrations", 2),
    ]  # fmt: skip
    table = host_of(run_of(device(), server()), "manager").interactions
    assert [i.row for i in table] == [r.row for r in rows()]
    assert all(i.citation.section and i.because.endswith(".") and ".." not in i.because for i in table)


def test_devices_have_no_table() -> None:
    """It is the server's."""
    assert host_of(run_of(device(), server()), "rm204").interactions == ()


@pytest.mark.parametrize(
    ("name", "hosts", "level", "in_use", "says"),
    [
        ("users", (device(), server()), 2, True, "offers ntlm"),
        ("users", (device(), LOCKED), 4, True, "the certificate passes"),
        ("users", (device(), server(*refused("http", "https"))), None, False, "No web service is open"),
        ("users", (device(), server(SILENT_HTTP)), None, True, "Not known"),
        ("users", (device(), server(page("http", "/", 401, auth_schemes=("basic",)))), 1, True, "password in clear"),
        ("devices-https", (device(), server()), 4, True, "Level 4 on rm204"),
        ("devices-https", (device(), server(stated("verify-certificates", "no"))), 3, True, "Level 3 on rm204"),
        ("devices-https", (device(tls(REFUSED), *refused("https")), server()), None, False, "No managed device"),
        ("devices-https", (device(tls(TIMED_OUT)), server()), None, True, "ot known of rm204"),
        ("devices-telnet", (device(*telnet()), server()), None, False, "HTTPS alone"),
        ("devices-telnet", (device(*telnet()), NO_SECURE_ONLY), 1, True, "Level 1 on rm204"),
        ("devices-telnet", (device(*telnet("challenge")), NO_SECURE_ONLY), 2, True, "Level 2 on rm204"),
        ("devices-telnet", (device(*telnet("challenge")), device(SILENT_TELNET, name="rm205"), NO_SECURE_ONLY), None,
         True, "Level 2 on rm204, open on 1 of 2 devices; not known of rm205"),
        ("devices-telnet", (device(*telnet()), device(SILENT_TELNET, name="rm205"), NO_SECURE_ONLY), 1, True, "rm205"),
        ("devices-telnet", (device(), NO_SECURE_ONLY), None, False, "1 looked at"),
        ("devices-http", (device(opened("http", 80), page("http", "/", 401, auth_schemes=("digest",))),
                          NO_SECURE_ONLY), 2, True, "Level 2 on rm204"),
        ("devices-ftp", (device(), device(observe(OpenService, "port/ftp", TIMED_OUT), name="rm205"),
                         NO_SECURE_ONLY), None, None, "ot known of rm205"),
        ("devices-snmp-traps", (device(), NO_SECURE_ONLY), None, False, "No managed device"),
        ("devices-snmp-traps", (device(setting("snmp.mode", "TrapsOnly")), NO_SECURE_ONLY), 1, True, "Level 1"),
        ("feedback", (device(), server()), 4, True, "Level 4"),
        ("feedback", (device(setting(VERIFY, "Off")), server()), 3, True, "Level 3"),
        ("feedback", (device(HTTP_ADDRESSES), server()), 2, True, "Level 2"),
        ("feedback", (device(setting(PROTOCOL, "HTTP")), server()), 2, True, "Level 2"),
        ("feedback", (device(roots()), server()), None, True, "ot known of rm204"),
        ("feedback", (device(setting(ADDRESS, "127.0.0.1"), observe(FeedbackList, "feedback/urls", FeedbackList(
            urls=()))), server()), None, False, "No managed device"),
        ("database", (device(), server()), 4, True, "Kari stated"),
        ("database", (device(), server(stated("database-encrypted", "no"))), 1, True, "Kari stated"),
        ("database", (device(), server(database("required"))), 3, True, "demands encryption"),
        ("database", (device(), server(stated("database-encrypted", "no"), database("required"))), 3, True, "demands"),
        ("database", (device(), server(database("not_supported"))), 1, True, "cannot encrypt"),
        ("database", (device(), server(database("off"))), 3, True, "Kari stated"),
        ("database", (device(), server(EXPIRED, database("off"))), 2, True, "login is encrypted"),
        ("database", (device(), server(EXPIRED, database("on"))), None, None, "encryption is on"),
        ("database", (device(), server(EXPIRED)), None, None, "not valid"),
        ("integrations", (device(), server()), None, None, "none was given"),
        ("integrations", (device(), server(stated("integrations-https"))), 3, True, "Kari stated"),
        ("devices-https", (server(),), None, False, "No managed device"),
    ],
)  # fmt: skip
def test_rows(name: str, hosts: tuple[HostEvidence, ...], level: int | None, in_use: bool | None, says: str) -> None:  # noqa: FBT001 - a column of the table
    """Each row says what was seen; what is not known has no level."""
    found = row(run_of(*hosts), name)
    assert (found.level, found.in_use) == (level, in_use), found.because
    assert says in found.because


def test_a_refused_port_is_no_way_for_users() -> None:
    """With HTTP closed, only HTTPS counts."""
    assert row(run_of(device(), CLOSED), "users").level == 4
