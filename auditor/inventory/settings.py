"""The sections that hold for the whole audit: settings, policy switches and references to credentials."""

import re
from collections.abc import Iterator

from auditor.inventory.document import Table, described
from auditor.inventory.file import Folder
from auditor.inventory.host import read_hostname, read_name_server, read_time_server
from auditor.inventory.problem import Spot, shown
from auditor.inventory.section import LONGEST_PATH, Section
from auditor.model.inventory import CredentialRef, CrlFile, RootFile, Settings
from auditor.model.policy import Policy

SETTINGS = (
    "target_level", "roots", "dns_servers", "hosts_at_once", "snmp", "snmp_community", "question_seconds",
    "host_seconds", "attestations", "known_hosts", "ssh_host_keys", "ntp_servers", "ask_ntp_servers", "crls",
    "intermediates", "next_audit_days", "fetch_crls", "crl_hosts", "waivers", "politeness",
    "maintenance_windows",
)  # fmt: skip
POLICY = (
    "ssh_at_level_4", "http_redirect_only", "vcs_verify_mode", "feedback_http_level", "minimum_key_bits",
    "expiry_warning_days", "clock_tolerance_seconds", "require_revocation_check",
)  # fmt: skip
SOURCES = ("password_env", "password_file", "password_command", "keyring")
"""Where a password may come from; exactly one of them is given."""
CREDENTIAL = ("username", *SOURCES, "allow_cleartext")
LEVELS = (1, 4)
"""The lowest and the highest level of the guide."""

_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_settings(section: Section, folder: Folder) -> Settings:
    """Return the section `settings`, with defaults.

    `attestations`, `waivers`, `politeness` and `maintenance_windows` are read elsewhere.
    """
    default = Settings()
    servers = [read_name_server(place, text) for place, text in section.literals("dns_servers")]
    fetch = section.truth("fetch_crls", default=default.fetch_crls)
    return Settings(
        target_level=section.whole("target_level", *LEVELS, default.target_level),
        roots=read_roots(section, folder),
        dns_servers=tuple(dict.fromkeys(server for server in servers if server)),
        hosts_at_once=section.whole("hosts_at_once", 1, 1000, default.hosts_at_once),
        snmp=section.truth("snmp", default=default.snmp),
        snmp_community=section.text("snmp_community", secret=True) or default.snmp_community,
        question_seconds=section.seconds("question_seconds", 600),
        host_seconds=section.seconds("host_seconds", 86400),
        known_hosts=tuple(
            line
            for place, text in section.texts("known_hosts", longest=LONGEST_PATH)
            for line in folder.known_hosts(place, text)
        ),
        ssh_host_keys=section.choice("ssh_host_keys", ("accept-new", "strict"), default.ssh_host_keys),
        ntp_servers=_ntp_servers(section),
        ask_ntp_servers=section.truth("ask_ntp_servers", default=default.ask_ntp_servers),
        crls=_crls(section, folder),
        intermediates=read_roots(section, folder, "intermediates"),
        next_audit_days=section.whole("next_audit_days", 0, 3650, default.next_audit_days),
        fetch_crls=fetch,
        crl_hosts=_crl_hosts(section, fetch=fetch),
    )


def _crls(section: Section, folder: Folder) -> tuple[CrlFile, ...]:
    files = [folder.crl_file(place, text) for place, text in section.texts("crls", longest=LONGEST_PATH)]
    return tuple(file for file in files if file)


def _crl_hosts(section: Section, *, fetch: bool) -> tuple[str, ...]:
    """Return the hosts from which lists may be fetched, and note where fetching is asked for from nowhere."""
    hosts = []
    for place, text in section.literals("crl_hosts"):
        name, colon, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "")
        if colon and not (port.isascii() and port.isdecimal() and len(port) <= 5 and 1 <= int(port) <= 65535):
            place.refuse(f"The port of {shown(text)} is not a number from 1 to 65535.")
            continue
        host = name if _IPV4.fullmatch(name) else read_hostname(place, name)
        if host is not None:
            hosts.append(f"{host}:{int(port)}" if colon else host)
    if fetch and not section.has("crl_hosts"):
        section.spot("fetch_crls").refuse(
            "Lists are to be fetched, but from no host.", "Name the hosts in 'crl_hosts': [crl.example.test]."
        )
    return tuple(dict.fromkeys(hosts))


def _ntp_servers(section: Section) -> tuple[str, ...]:
    servers = [read_time_server(place, text) for place, text in section.literals("ntp_servers")]
    return tuple(dict.fromkeys(server for server in servers if server))


def read_policy(spot: Spot, table: Table) -> Policy:
    """Return the section `policy`, with defaults for what it leaves out."""
    section = Section(spot, table, POLICY)
    default = Policy()
    return Policy(
        ssh_at_level_4=section.choice("ssh_at_level_4", ("allowed", "forbidden"), default.ssh_at_level_4),
        http_redirect_only=section.choice("http_redirect_only", ("forbidden", "allowed"), default.http_redirect_only),
        vcs_verify_mode=section.choice("vcs_verify_mode", ("on", "off"), default.vcs_verify_mode),
        feedback_http_level=section.choice("feedback_http_level", (1, 2), default.feedback_http_level),
        minimum_key_bits=section.whole("minimum_key_bits", 512, 65536, default.minimum_key_bits),
        expiry_warning_days=section.whole("expiry_warning_days", 0, 3650, default.expiry_warning_days),
        clock_tolerance_seconds=section.whole("clock_tolerance_seconds", 0, 86400, default.clock_tolerance_seconds),
        require_revocation_check=section.truth("require_revocation_check", default=default.require_revocation_check),
    )


def read_credentials(spot: Spot, table: Table, folder: Folder) -> Iterator[CredentialRef]:
    """Yield the usable entries of the section `credentials`. No value of this section is repeated in a message."""
    for name, node in table.entries.items():
        place = spot.key(name, node.line)
        if not name or len(name) > 64 or not name.isprintable():
            place.refuse("The name of a credential is printable text of 1 to 64 characters.")
        elif isinstance(node, Table):
            credential = _credential(name, Section(place, node, CREDENTIAL), folder)
            if credential:
                yield credential
        else:
            place.refuse(
                f"A table of keys and values is expected here, not {described(node)}.",
                f"Give 'username' and one of {', '.join(map(repr, SOURCES))}.",
            )


def read_roots(section: Section, folder: Folder, key: str = "roots") -> tuple[RootFile, ...]:
    """Return the certificates of each file that a field names."""
    files = [folder.root_file(place, text) for place, text in section.texts(key, longest=LONGEST_PATH)]
    return tuple(file for file in files if file)


def _credential(name: str, section: Section, folder: Folder) -> CredentialRef | None:
    username = section.text("username")
    if not section.has("username"):
        section.spot("username").refuse("A credential needs a username.")
    variable = section.text("password_env", secret=True)
    if variable is not None and not _ENVIRONMENT_NAME.fullmatch(variable):
        section.spot("password_env").refuse(
            "This is not the name of an environment variable.",
            "Write the variable's name here, such as CODEC_PASSWORD, never the password.",
        )
    written = section.text("password_file", longest=LONGEST_PATH, secret=True)
    file = None if written is None else folder.password_file(section.spot("password_file"), written)
    command = section.arguments("password_command")
    keyring = section.text("keyring", secret=True)
    given = [source for source in SOURCES if section.has(source)]
    if len(given) != 1 and not section.holds_secret:
        section.spot(given[-1] if given else "password_env").refuse(
            f"A credential has both {' and '.join(map(repr, given))}." if given else "A credential needs its password.",
            f"Give exactly one of {', '.join(map(repr, SOURCES))}.",
        )
    if not username:
        return None
    return CredentialRef(
        name=name,
        username=username,
        password_env=variable,
        password_file=file,
        password_command=command,
        keyring=keyring,
        allow_cleartext=section.truth("allow_cleartext", default=False),
    )
