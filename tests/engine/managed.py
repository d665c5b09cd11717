"""A small fleet with the shipped profiles and catalogue: devices, their management server, and the whole judgement."""

from dataclasses import replace

from auditor.engine.run import assess_audit
from auditor.model.assessment import AuditRun, HostAssessment
from auditor.model.collected import AuditEnd, AuditHead, HostEvidence
from auditor.model.evidence import AnyObservation, Evidence
from auditor.model.facts import FeedbackList, HttpFace, Identity, NameLookup, OpenService, TelnetGreeting
from auditor.model.inventory import Inventory, RootFile, Settings, Target
from auditor.profiles import load_profiles
from checks import CONTROLS
from tests.engine.parties import (
    DEVICE_NAME,
    GOOD_DEVICE,
    GOOD_SERVER,
    REFUSED,
    ROOT,
    SERVER_NAME,
    observe,
    setting,
    stated,
    synchronised,
)
from tests.trust.certificates import NOW

PROFILES = load_profiles()
ROOTS = (RootFile(path="roots.pem", certificates=(ROOT.der,)),)
DEVICE = Target(name="rm204", product="mxp", hostname=DEVICE_NAME, address="192.0.2.21", tms="manager", target_level=4)
SERVER = Target(
    name="manager", product="tms", hostname=SERVER_NAME, address="192.0.2.10", roots=ROOTS, target_level=4
)  # fmt: skip


def refused(*services: str) -> tuple[AnyObservation, ...]:
    """Return ports that refuse."""
    return tuple(observe(OpenService, f"port/{name}", REFUSED) for name in services)


def opened(name: str, port: int) -> AnyObservation:
    """Return a port that answers."""
    return observe(OpenService, f"port/{name}", OpenService(service=name, transport="tcp", port=port))


def telnet(prompt: str = "password") -> tuple[AnyObservation, ...]:
    """Return a Telnet service that asks for a password in clear, and so tells its release."""
    fact = TelnetGreeting(port=23, banner="TANDBERG Codec Release F8.2 NTSC", prompt="password")
    if prompt == "challenge":
        fact = replace(fact, prompt="challenge")
    return opened("telnet", 23), observe(TelnetGreeting, "telnet/telnet", fact)


def page(scheme: str, path: str, status: int, **fields: object) -> AnyObservation:
    """Return the answer to one GET."""
    face = HttpFace(scheme="https" if scheme == "https" else "http", port=80, path=path, status=status)
    return observe(HttpFace, f"get/{scheme}{path}", replace(face, **fields))  # type: ignore[arg-type] # keyword fields


PATHS = PROFILES["tms"].paths
HARDENED = (
    *GOOD_DEVICE, synchronised(), opened("https", 443), opened("ssh", 22),
    *refused("telnet", "telnet-challenge", "ftp", "http", "snmp", "tcp-1026"),
    *(setting(f"{name}.mode", "Off") for name in ("telnet", "telnetchallenge", "ftp", "http", "snmp")),
    *(setting(f"{name}.mode", "On") for name in ("https", "ssh", "ntp")),
    setting("externalservices.mode", "Off"), setting("corporatedirectory.mode", "Off"),
    setting("externalservices.address", ""), setting("corporatedirectory.address", ""),
    setting("ntp.address", "ntp.example.test"), setting("dns.server", "192.0.2.53"),
    setting("telnetchallenge.port", "57"),
    observe(FeedbackList, "feedback/urls", FeedbackList(urls=(f"https://{SERVER_NAME}/tms/",))),
    observe(NameLookup, "dns/forward", NameLookup(name=DEVICE_NAME, addresses=("192.0.2.21",), resolver="system")),
    observe(Identity, "identity/host", Identity(family="mxp", software="F8.2 NTSC", said_by="setting")),
)  # fmt: skip
"""A device at which nothing is left to do."""

SERVING = (
    *GOOD_SERVER, opened("https", 443), opened("http", 80),
    *(page("https", path, 401, auth_schemes=("ntlm",)) for path in PATHS),
    *(page("http", path, 401, auth_schemes=("ntlm",)) for path in PATHS),
    stated("fqdn-configured"), stated("one-name-for-all"), stated("override-dns-off"), stated("server-dns"),
    stated("server-time"), stated("database-encrypted"),
    observe(NameLookup, "dns/forward", NameLookup(name=SERVER_NAME, addresses=("192.0.2.10",), resolver="system")),
)  # fmt: skip

STATED_VERSION = observe(Identity, "identity/host", Identity(family="tms", software="12.0", said_by="statement"))


def evidence(target: Target, *observations: AnyObservation) -> HostEvidence:
    """Return a host's evidence; of observations with one name the last counts."""
    latest = {o.id: o for o in observations}
    return HostEvidence(
        target=target, product=target.product, address=target.address, evidence=Evidence(tuple(latest.values())),
        started_at=NOW, finished_at=NOW,
    )  # fmt: skip


def device(*changes: AnyObservation, name: str = "rm204", base: tuple[AnyObservation, ...] = HARDENED) -> HostEvidence:
    """Return the hardened device with changes."""
    return evidence(replace(DEVICE, name=name), *base, *changes)


def server(*changes: AnyObservation) -> HostEvidence:
    """Return the server with changes."""
    return evidence(SERVER, *SERVING, STATED_VERSION, *changes)


def head_of(*hosts: HostEvidence) -> AuditHead:
    """Return the head of an audit of these hosts."""
    inventory = Inventory(
        targets=tuple(h.target for h in hosts), settings=Settings(target_level=4, roots=ROOTS), digest="d"
    )
    return AuditHead(
        id="a", tool_version="0", started_at=NOW, inventory=inventory, catalogue_digest="c", profiles_digest="p"
    )


END = AuditEnd(finished_at=NOW, complete=True)


def run_of(*hosts: HostEvidence) -> AuditRun:
    """Judge hosts as an audit does."""
    return assess_audit(head_of(*hosts), hosts, END, controls=CONTROLS, profiles=PROFILES, catalogue_digest="c")


def host_of(run: AuditRun, name: str) -> HostAssessment:
    """Return one host of a run."""
    return next(h for h in run.hosts if h.target.name == name)


def verdict_of(run: AuditRun, name: str, control: str) -> tuple[str, str]:
    """Return status and reason of one finding."""
    return next((f.status.value, f.because) for f in host_of(run, name).findings if f.control == control)
