"""Build evidence, contexts and profiles by hand, in as few words as a test can bear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from auditor.model.certificate import (
    Certificate,
    ChainProblem,
    ChainReport,
    JudgedChain,
    NameCheck,
    ProblemKind,
    Revocation,
)
from auditor.model.control import Context, Control
from auditor.model.evidence import Absent, AnyObservation, Cause, Evidence, Observation, Seen, Unknown
from auditor.model.facts import (
    Attested,
    DatabaseEncryption,
    DatabaseFace,
    DeviceClock,
    Fact,
    FeedbackList,
    HttpFace,
    Identity,
    NameLookup,
    OpenService,
    RootList,
    Setting,
    SshFace,
    TelnetGreeting,
    TimeSync,
    TlsFace,
    TlsVersions,
)
from auditor.model.inventory import Target
from auditor.model.policy import Policy
from auditor.model.profile import Guidance, Limits, Profile, Recognition, Service, SoftwareRule
from auditor.model.verdict import Verdict
from checks import CONTROLS

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
"""The time of every audit in these tests."""

REFUSED = Absent("connection refused")
FILTERED = Unknown(Cause.FILTERED, "No answer came back from the port.")
FAILED = Unknown(Cause.TLS_FAILED, "The handshake failed.")

_TCP = {"telnet": 23, "ftp": 21, "ssh": 22, "http": 80, "https": 443, "telnet-challenge": 57}


def service(name: str, port: int, protocol: str | None = None) -> Service:
    """Return a service whose protocol is its name, unless another is given."""
    transport = "udp" if name == "snmp" else "tcp"
    return Service(
        name=name,
        protocol=protocol or name,  # type: ignore[arg-type]  # the names used here are protocols
        transport=transport,  # type: ignore[arg-type]  # one of the two by construction
        port=port,
        title=name,
        default="on",
        level=1,
    )


DEVICE = Profile(
    family="toy",
    title="Toy codec",
    vendor="Nobody",
    role="device",
    chapter="3",
    documents=(),
    services=(*(service(n, p) for n, p in _TCP.items()), service("snmp", 161), service("debug", 1026, "tcp")),
    recognise=(
        Recognition(where="certificate-factory", pattern=r"O=Factory Inc"),
        Recognition(where="certificate-factory-key", pattern="fa" * 32),
    ),
    limits=Limits(),
    reads=(),
    controls={
        c.id: Guidance(section="3", step="1", remediation="none") for c in CONTROLS if not c.id.startswith("tms.")
    },
    software=SoftwareRule(prefix="F", minimum="7.0", section="3"),
)
"""A family that has every service and every client."""

SERVER = Profile(
    family="toy-server",
    title="Toy server",
    vendor="Nobody",
    role="server",
    chapter="6",
    documents=(),
    services=(service("http", 80), service("https", 443)),
    recognise=(),
    limits=Limits(),
    reads=(),
    controls={},
    software=SoftwareRule(prefix="", minimum="11.9.1", section="6"),
)
"""A management server."""

BARE = Profile(
    family="bare",
    title="Bare thing",
    vendor="Nobody",
    role="device",
    chapter="4",
    documents=(),
    services=(service("telnet", 23),),
    recognise=(),
    limits=Limits(),
    reads=(),
    controls={},
    capabilities={"telnet_challenge": False},
)
"""A family with plain Telnet alone, no clients and no oldest release."""


def context(
    profile: Profile = DEVICE,
    *,
    policy: Policy | None = None,
    hostname: str | None = "rm204.example.test",
    address: str | None = "192.0.2.21",
    tms: str | None = "manager",
    shared_keys: Mapping[str, tuple[str, ...]] | None = None,
) -> Context:
    """Return the context of an audit of the host `rm204`."""
    target = Target(name="rm204", product=profile.family, hostname=hostname, address=address, tms=tms)
    return Context(target=target, profile=profile, policy=policy or Policy(), at=AT, shared_keys=shared_keys or {})


def observe(asks: type[Fact], id_: str, outcome: Fact | Absent | Unknown) -> AnyObservation:
    """Return an observation; a fact counts as seen."""
    probe, _, subject = id_.partition("/")
    seen = Seen(outcome) if isinstance(outcome, Fact) else outcome
    return Observation(asks=asks, probe=probe, subject=subject, at=AT, outcome=seen)


def port(name: str, outcome: Absent | Unknown | None = None, number: int | None = None) -> AnyObservation:
    """Return a port that answers, unless an outcome is given."""
    open_ = OpenService(service=name, transport="udp" if name == "snmp" else "tcp", port=number or _TCP.get(name, 161))
    return observe(OpenService, f"port/{name}", outcome or open_)


def setting(path: str, value: str | Absent | Unknown) -> AnyObservation:
    """Return a setting with this value, or the reason why there is none."""
    return observe(Setting, f"setting/{path}", Setting(path=path, value=value) if isinstance(value, str) else value)


def telnet(prompt: str | Unknown | Absent, name: str = "telnet") -> AnyObservation:
    """Return a Telnet greeting that ended in this prompt."""
    if not isinstance(prompt, str):
        return observe(TelnetGreeting, f"telnet/{name}", prompt)
    fact = TelnetGreeting(port=_TCP[name], banner="", prompt=prompt)  # type: ignore[arg-type]  # tests pass literals
    return observe(TelnetGreeting, f"telnet/{name}", fact)


def http(
    status: int | Absent | Unknown,
    *schemes: str,
    path: str = "/",
    scheme: str = "http",
    location: str | None = None,
    form: bool = False,
    ssl_required: bool = False,
) -> AnyObservation:
    """Return the answer to one GET."""
    id_ = f"get/{scheme}{path}"
    if not isinstance(status, int):
        return observe(HttpFace, id_, status)
    face = HttpFace(
        scheme="https" if scheme == "https" else "http",
        port=443 if scheme == "https" else 80,
        path=path,
        status=status,
        auth_schemes=schemes,
        location=location,
        login_form=form,
        ssl_required=ssl_required,
    )
    return observe(HttpFace, id_, face)


def tls(
    outcome: Absent | Unknown | None = None,
    *,
    version: str = "TLSv1.2",
    cipher: str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    bare: bool = False,
    name: str = "https",
) -> AnyObservation:
    """Return a handshake that was answered, unless an outcome is given."""
    face = TlsFace(
        port=443, version=version, cipher=cipher, chain=(b"x",), completed=True, protection="none" if bare else "full"
    )
    return observe(TlsFace, f"tls/{name}", outcome or face)


def versions(
    accepted: tuple[str, ...] = ("TLSv1.2",),
    refused: tuple[str, ...] = ("SSLv3", "TLSv1.0", "TLSv1.1"),
    weak: tuple[str, ...] = (),
) -> AnyObservation:
    """Return the versions that were accepted and refused when each was offered alone."""
    fact = TlsVersions(port=443, accepted=accepted, refused=refused, weak_suites=weak)
    return observe(TlsVersions, "tls-versions/https", fact)


def ssh(outcome: Absent | Unknown | None = None, **lists: object) -> AnyObservation:
    """Return an SSH server with sound algorithms, apart from what is given."""
    fields: dict[str, object] = {
        "port": 22,
        "banner": "SSH-2.0-x",
        "protocol": "2.0",
        "software": "x",
        "kex": ("curve25519-sha256",),
        "host_key_algorithms": ("ssh-ed25519",),
        "ciphers": ("aes128-ctr",),
        "macs": ("hmac-sha2-256",),
    }
    face = SshFace(**(fields | lists))  # type: ignore[arg-type]  # fields are given by name in tests
    return observe(SshFace, "ssh/ssh", outcome or face)


def certificate(subject: str | None = "CN=rm204.example.test", days: int = 365, **fields: object) -> Certificate:
    """Return a sound certificate that expires after this many days, apart from what is given."""
    usual: dict[str, object] = {
        "der": b"der",
        "sha256": "00" * 32,
        "subject": subject,
        "issuer": "CN=Root",
        "not_before": AT - timedelta(days=30),
        "not_after": AT + timedelta(days=days),
        "key": "RSA 2048",
        "key_algorithm": "RSA",
        "key_bits": 2048,
        "spki_sha256": "ab" * 32,
        "signature_algorithm": "sha256WithRSAEncryption",
    }
    return Certificate(**(usual | fields))  # type: ignore[arg-type]  # fields are given by name in tests


ROOT = certificate("CN=Root", 3650, self_issued=True, is_ca=True)


@dataclass(frozen=True)
class Name:
    """What the name check is to say."""

    outcome: str = "match"
    reference: str = "rm204.example.test"


def chain(
    *problems: ProblemKind,
    leaf: Certificate | None = None,
    rooted: bool = True,
    presented: bool = True,
    name: Name | None = Name(),
    revocation_checked: bool = False,
    revocation: Revocation = Revocation.NOT_CHECKED,
    service_name: str = "https",
) -> AnyObservation:
    """Return a judged chain with these problems; `rooted` means that a path to the root was found."""
    own = leaf or certificate()
    check = (
        None
        if name is None
        else NameCheck(
            reference=name.reference,
            outcome="match" if name.outcome == "match" else "mismatch",
            by_common_name="match" if name.outcome == "match" else "mismatch",
            by_subject_alternative_name="absent",
            because="compared",
        )
    )
    report = ChainReport(
        presented=(own,) if presented else (),
        path=((own,) if own.self_issued else (own, ROOT)) if rooted and presented else (),
        verify_code=0,
        verify_name="X509_V_OK",
        name_check=check,
        problems=tuple(ChainProblem(kind, f"this is wrong: {kind}", 0) for kind in problems),
        checked_at=AT,
        revocation_checked=revocation_checked,
        revocation=revocation,
    )
    return observe(JudgedChain, f"chain/{service_name}", JudgedChain(port=443, report=report))


def attested(statement: str, value: str = "yes", *, days: int = 30, since: int = 10) -> AnyObservation:
    """Return a statement made some days ago that is valid for some days more."""
    fact = Attested(
        statement=statement,
        value=value,
        by="Kari Nordmann",
        on=AT - timedelta(days=since),
        expires=AT + timedelta(days=days),
    )
    return observe(Attested, f"attested/{statement}", fact)


def database(says: DatabaseEncryption | Absent | Unknown) -> AnyObservation:
    """Return what the database server answers before login, or the reason why there is no answer."""
    if not isinstance(says, str):
        return observe(DatabaseFace, "database/encryption", says)
    face = DatabaseFace(address="192.0.2.30", port=1433, version="9.0.5000", encryption=says)
    return observe(DatabaseFace, "database/encryption", face)


def identity(software: str | None, excluded: str | None = None) -> AnyObservation:
    """Return an identity with this release."""
    return observe(Identity, "identity/host", Identity(family="toy", software=software, excluded=excluded))


def clock(ahead: float) -> AnyObservation:
    """Return a clock that is this many seconds ahead."""
    fact = DeviceClock(device_time=AT + timedelta(seconds=ahead), ahead_seconds=ahead, source="get/http/")
    return observe(DeviceClock, "clock/get/http/", fact)


def lookup(outcome: Absent | Unknown | tuple[str, ...]) -> AnyObservation:
    """Return a forward lookup that gave these addresses."""
    if not isinstance(outcome, tuple):
        return observe(NameLookup, "dns/forward", outcome)
    return observe(
        NameLookup, "dns/forward", NameLookup(name="rm204.example.test", addresses=outcome, resolver="system")
    )


def roots(outcome: Absent | Unknown | int, source: str = "live") -> AnyObservation:
    """Return a list of this many loaded roots."""
    if not isinstance(outcome, int):
        return observe(RootList, "roots/loaded", outcome)
    fact = RootList(certificates=(b"r",) * outcome, source=source)  # type: ignore[arg-type]  # tests pass literals
    return observe(RootList, "roots/loaded", fact)


def feedback(outcome: Absent | Unknown | tuple[str, ...]) -> AnyObservation:
    """Return a list of feedback addresses."""
    fact = FeedbackList(urls=outcome) if isinstance(outcome, tuple) else outcome
    return observe(FeedbackList, "feedback/urls", fact)


def sync(words: str | Unknown, server: str | None = None) -> AnyObservation:
    """Return what the system says of its time source: `yes`, `no` or words that cannot be told either way."""
    if isinstance(words, Unknown):
        return observe(TimeSync, "time/sync", words)
    told = {"yes": True, "no": False}.get(words)
    return observe(TimeSync, "time/sync", TimeSync(synchronised=told, server=server, words=words))


@dataclass(frozen=True)
class Example:
    """One control, this evidence, and the verdict that must come out; `says` is part of the reason."""

    control: str
    status: str
    observations: tuple[AnyObservation, ...]
    where: Context = field(default_factory=context)
    says: str = ""

    def __str__(self) -> str:
        """Name the example in test reports."""
        return f"{self.control}:{self.status}:{','.join(o.id for o in self.observations) or 'nothing'}"


def met(id_: str, *observations: AnyObservation, where: Context | None = None, says: str = "") -> Example:
    """Return an example that is met."""
    return Example(id_, "met", observations, where or context(), says)


def not_met(id_: str, *observations: AnyObservation, where: Context | None = None, says: str = "") -> Example:
    """Return an example that is a breach."""
    return Example(id_, "not_met", observations, where or context(), says)


def undetermined(id_: str, *observations: AnyObservation, where: Context | None = None, says: str = "") -> Example:
    """Return an example that cannot be told."""
    return Example(id_, "undetermined", observations, where or context(), says)


def not_applicable(id_: str, *observations: AnyObservation, where: Context | None = None, says: str = "") -> Example:
    """Return an example that the control does not concern."""
    return Example(id_, "not_applicable", observations, where or context(), says)


def control(id_: str) -> Control:
    """Return the control with this identifier."""
    return next(c for c in CONTROLS if c.id == id_)


def judge(id_: str, *observations: AnyObservation, where: Context | None = None) -> Verdict:
    """Judge one control on this evidence."""
    return control(id_).judge(Evidence(observations), where or context())
