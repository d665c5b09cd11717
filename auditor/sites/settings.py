"""The two configuration files: `centre.toml` and `collector.toml`. Whatever is wrong in one ends the command."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from auditor.model.inventory import CredentialRef, Settings
from auditor.sites.database import check_site
from auditor.wire.dns import PORT, SYSTEM, parse_server, system_servers
from auditor.wire.fence import Fence

_Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]
LIVELINESS = {"connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3,
              "tcp_user_timeout": 30_000}  # fmt: skip
"""A line that is cut is noticed within half a minute, and not when the kernel gives up."""


class SettingsError(ValueError):
    """A configuration file cannot be used; the text says which field of which file, and why."""


class Credential(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a password is to be had at this site; the fields are those of an inventory's credentials."""

    username: str
    password_env: str | None = None
    password_file: Path | None = None
    password_command: tuple[str, ...] | None = None
    keyring: str | None = None
    allow_cleartext: bool = False


class CollectorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A collector's own word on what it does. Nothing that comes in a job can widen it.

    `networks` are those whose hosts may be asked, `dns_servers` the resolvers beside them. `spool` is a folder where
    evidence waits until it is delivered. Times are seconds.
    """

    database: str
    networks: tuple[str, ...]
    spool: Path
    dns_servers: tuple[str, ...] = ()
    hosts_at_once: _Count = 20
    jobs_at_once: _Count = 2
    snmp_community_env: str | None = None
    credentials: dict[str, Credential] = {}
    poll_seconds: _Seconds = 5.0
    heartbeat_seconds: _Seconds = 10.0
    drain_seconds: _Seconds = 600.0
    keep_days: _Count = 14

    def fence(self) -> Fence:
        """Return the fence of this site: its networks, its resolvers, and the system's where it names none."""
        named = [parse_server(server) for server in self.dns_servers]
        resolvers = [(server.address, server.port) for server in named]
        return Fence.of(self.networks, resolvers or [(address, PORT) for address in (SYSTEM, *system_servers())])

    def own(self, community: str | None) -> Settings:
        """Return the settings of an audit as far as this site decides them."""
        at_once = max(1, self.hosts_at_once // self.jobs_at_once)
        settings = Settings(hosts_at_once=at_once, dns_servers=self.dns_servers)
        return settings if community is None else replace(settings, snmp_community=community)

    def references(self) -> tuple[CredentialRef, ...]:
        """Return the credentials as the rest of the program knows them."""
        return tuple(
            CredentialRef(name=name, **{field: getattr(each, field) for field in each.__struct_fields__})
            for name, each in self.credentials.items()
        )


class SiteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One site. `called` are its names in the inventory, where they differ; `deadline_minutes` is its own deadline."""

    called: tuple[str, ...] = ()
    deadline_minutes: Annotated[float, msgspec.Meta(gt=0)] | None = None


class CentreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the centre runs audits of many sites.

    `state` holds what is known of runs in progress, `bundles` the finished ones. `schedule` is a cron expression, in
    UTC. A site that has not delivered everything `deadline_minutes` after the submission is not waited for any longer.
    A job whose collector dies is given out again until it was tried `attempts` times. Jobs and deliveries are kept for
    `keep_days`. An audit that could not begin within `latest_start_minutes` of its time is left out.
    """

    database: str
    inventory: Path
    state: Path
    bundles: Path
    sites: dict[str, SiteSettings]
    formats: tuple[str, ...] = ()
    hosts_without_site: str | None = None
    hosts_per_job: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    deadline_minutes: Annotated[float, msgspec.Meta(gt=0)] = 480.0
    attempts: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    keep_days: _Count = 30
    schedule: str | None = None
    latest_start_minutes: Annotated[float, msgspec.Meta(gt=0)] = 120.0
    stalled_seconds: _Seconds = 60.0
    poll_seconds: _Seconds = 2.0
    history: str | None = None

    def called(self) -> dict[str, str]:
        """Return the database's site for each site as the inventory calls it."""
        return {name: site for site, each in self.sites.items() for name in (each.called or (site,))}


S = TypeVar("S", CentreSettings, CollectorSettings)


def read_centre(path: Path) -> CentreSettings:
    """Read the centre's file; raise `SettingsError`. Relative paths are relative to it."""
    settings = _read(path, CentreSettings)
    names = [name for site, each in settings.sites.items() for name in (each.called or (site,))]
    for site in settings.sites:
        _site(path, site)
    if len(set(names)) != len(names):
        raise SettingsError(f"{path}: two sites are called the same in the inventory")
    if settings.hosts_without_site not in {None, *settings.sites}:
        raise SettingsError(f"{path}: 'hosts_without_site' names no site of this file")
    folder = path.parent
    moved = {name: folder / getattr(settings, name) for name in ("inventory", "state", "bundles")}
    return msgspec.structs.replace(settings, database=_guarded(path, settings.database), **moved)


def read_collector(path: Path, site: str) -> CollectorSettings:
    """Read a collector's file; raise `SettingsError`. Relative paths are relative to it."""
    settings = _read(path, CollectorSettings)
    _site(path, site)
    if not settings.networks:
        raise SettingsError(f"{path}: 'networks' names none, so there is nothing to ask")
    try:
        settings.fence()
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error
    for name, each in settings.credentials.items():
        given = [each.password_env, each.password_file, each.password_command, each.keyring]
        if sum(source is not None for source in given) != 1:
            raise SettingsError(f"{path}: credentials.{name} needs exactly one source of its password")
    return msgspec.structs.replace(
        settings, database=_guarded(path, settings.database), spool=path.parent / settings.spool
    )


def _site(path: Path, site: str) -> None:
    try:
        check_site(site)
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error


def _read(path: Path, kind: type[S]) -> S:
    try:
        with path.open("rb") as file:
            return msgspec.convert(tomllib.load(file), kind, dec_hook=_path)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise msgspec.ValidationError(f"a path is a text in quotes, not {value!r}")


def check_owner(dsn: str) -> str:
    """Return the address that a command line names; raise `SettingsError` where it holds a password."""
    try:
        parts = conninfo_to_dict(dsn)
    except ProgrammingError:
        raise SettingsError("--database is neither a URL nor a list of keyword=value") from None
    if parts.get("password"):
        raise SettingsError(
            "A password may not stand on the command line, where every user of this computer can read it. Leave it out "
            "of --database, and use a file that PGPASSFILE names."
        )
    return dsn


def _guarded(path: Path, dsn: str) -> str:
    """Return the database's address with what keeps the line lively; refuse one that others could listen to."""
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    except ProgrammingError:
        raise SettingsError(f"{path}: 'database' is neither a URL nor a list of keyword=value") from None
    if parts.get("password"):
        raise SettingsError(f"{path}: 'database' holds a password. Use a client certificate, or a password file.")
    if parts.get("service") or not parts.get("host"):
        raise SettingsError(f"{path}: 'database' must say its host itself")
    places = [*str(parts["host"]).split(","), *filter(None, str(parts.get("hostaddr", "")).split(","))]
    local = all(place.startswith("/") or place in {"127.0.0.1", "::1", "localhost"} for place in places)
    if not local and not (parts.get("sslmode") == "verify-full" and parts.get("sslcert") and parts.get("sslrootcert")):
        raise SettingsError(
            f"{path}: 'database' is on another machine, so it needs sslmode=verify-full, sslrootcert and sslcert"
        )
    return make_conninfo(
        " ".join(f"{name}={value}" for name, value in LIVELINESS.items() if name not in parts), **parts
    )
