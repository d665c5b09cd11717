"""Two parties of a link, put together by hand: a device and its management server, with real certificates."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from auditor.engine.interpret import Trust
from auditor.engine.links import judge_links, link_of
from auditor.engine.trial import Party
from auditor.model.assessment import Link
from auditor.model.evidence import Absent, AnyObservation, Cause, Evidence, Observation, Seen, Unknown
from auditor.model.facts import Attested, DeviceClock, Fact, OpenService, RootList, Setting, TimeSync, TlsFace
from auditor.model.inventory import RootFile, Target
from auditor.model.link import JudgedLink
from auditor.model.policy import Policy
from auditor.trust import Anchors
from tests.engine.evidence import TOY
from tests.trust.certificates import NOW, Made, make_leaf, make_root

ROOT = make_root("CN=Fleet Root,O=Example")
OTHER_ROOT = make_root("CN=Other Root,O=Example")
SERVER_NAME, DEVICE_NAME = "manager.example.test", "rm204.example.test"
SERVER_LEAF = make_leaf(SERVER_NAME, ROOT)
DEVICE_LEAF = make_leaf(DEVICE_NAME, ROOT)
TRUST = Trust(anchors=Anchors.of(()), at=NOW)

REFUSED = Absent("connection refused")
TIMED_OUT = Unknown(Cause.TIMED_OUT, "no answer")
MANAGER = replace(TOY, family="manager", role="server", title="Manager")


def observe(asks: type[Fact], id_: str, outcome: Fact | Absent | Unknown) -> AnyObservation:
    """Make an observation; a fact counts as seen."""
    probe, _, subject = id_.partition("/")
    return Observation(asks, probe, subject, NOW, Seen(outcome) if isinstance(outcome, Fact) else outcome)


def setting(path: str, value: str | Absent | Unknown) -> AnyObservation:
    """Make a setting."""
    return observe(Setting, f"setting/{path}", Setting(path=path, value=value) if isinstance(value, str) else value)


def tls(*chain: Made | Absent | Unknown, protection: str = "full", whole: bool = True) -> AnyObservation:
    """Make what was presented on the HTTPS port."""
    first = chain[0] if chain else REFUSED
    if not isinstance(first, Made):
        return observe(TlsFace, "tls/https", first)
    face = TlsFace(
        port=443, version="TLSv1.2", cipher="TLS_RSA", chain=tuple(c.der for c in chain if isinstance(c, Made)),
        completed=True, protection="none" if protection == "none" else "full", chain_complete=whole,
    )  # fmt: skip
    return observe(TlsFace, "tls/https", face)


def roots(*made: Made) -> AnyObservation:
    """Make a root list as read."""
    return observe(RootList, "roots/loaded", RootList(certificates=tuple(r.der for r in made), source="live"))


def clock(ahead: timedelta = timedelta(0)) -> AnyObservation:
    """Make a clock that is ahead."""
    fact = DeviceClock(device_time=NOW + ahead, ahead_seconds=ahead.total_seconds(), source="get/http/")
    return observe(DeviceClock, "clock/get/http/", fact)


def synchronised() -> AnyObservation:
    """Make a device that calls its time synchronised."""
    return observe(TimeSync, "time/sync", TimeSync(synchronised=True))


def stated(statement: str, value: str = "yes", *, days: int = 30) -> AnyObservation:
    """Make a statement that is valid for some days."""
    fact = Attested(
        statement=statement, value=value, by="Kari", on=NOW - timedelta(days=9), expires=NOW + timedelta(days=days)
    )
    return observe(Attested, f"attested/{statement}", fact)


def open_port(name: str) -> AnyObservation:
    """Make an open port."""
    return observe(OpenService, f"port/{name}", OpenService(service=name, transport="tcp", port=80))


PROTOCOL, ADDRESS = "externalmanager.protocol", "externalmanager.address"
VERIFY = "https.verifyservercertificate"

GOOD_DEVICE = (
    setting(PROTOCOL, "HTTPS"), setting(ADDRESS, SERVER_NAME), setting(VERIFY, "On"), roots(ROOT), clock(),
    tls(DEVICE_LEAF),
)  # fmt: skip
"""A device that accepts and is accepted."""

GOOD_SERVER = (
    tls(SERVER_LEAF), clock(), stated("secure-only"), stated("verify-certificates"), stated("systems-by-hostname"),
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A device and its server."""

    device: tuple[AnyObservation, ...] = GOOD_DEVICE
    server: tuple[AnyObservation, ...] | None = GOOD_SERVER
    server_roots: tuple[Made, ...] | None = (ROOT,)
    device_roots: tuple[Made, ...] | None = None
    hostname: str | None = DEVICE_NAME
    policy: Policy = field(default_factory=Policy)

    def device_with(self, *changes: AnyObservation) -> "Pair":
        """Return the pair with these observations in place of those of the same name."""
        return replace(self, device=_replaced(self.device, changes))

    def server_with(self, *changes: AnyObservation) -> "Pair":
        """Return the pair with these observations of the server in place of those of the same name."""
        return replace(self, server=_replaced(self.server or (), changes))

    def without(self, id_: str) -> "Pair":
        """Return the pair without one of the device's observations."""
        return replace(self, device=tuple(o for o in self.device if o.id != id_))

    def server_without(self, id_: str) -> "Pair":
        """Return the pair without one of the server's observations."""
        return replace(self, server=tuple(o for o in self.server or () if o.id != id_))

    def sides(self) -> tuple[JudgedLink, JudgedLink]:
        """Judge both directions."""
        return judge_links(self.parties(), self.policy, TRUST)["rm204"]

    def link(self) -> Link:
        """Judge the link."""
        return link_of("rm204", self.sides())

    def parties(self) -> dict[str, Party]:
        """Return both parties by name."""
        device = Target(
            name="rm204", product="toy", hostname=self.hostname, tms="manager", roots=_files(self.device_roots)
        )
        server = Target(name="manager", product="manager", hostname=SERVER_NAME, roots=_files(self.server_roots))
        found = {"rm204": Party(target=device, profile=TOY, evidence=Evidence(self.device))}
        if self.server is not None:
            found["manager"] = Party(target=server, profile=MANAGER, evidence=Evidence(self.server))
        return found


def _replaced(old: tuple[AnyObservation, ...], new: tuple[AnyObservation, ...]) -> tuple[AnyObservation, ...]:
    names = {o.id for o in new}
    return (*(o for o in old if o.id not in names), *new)


def _files(made: tuple[Made, ...] | None) -> tuple[RootFile, ...]:
    return () if made is None else (RootFile(path="roots.pem", certificates=tuple(r.der for r in made)),)
