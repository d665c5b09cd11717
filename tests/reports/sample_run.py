"""An `AuditRun` made by hand: every outcome, every verdict, and one host whose every word is hostile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal

from auditor.model.assessment import (
    AuditRun,
    Citation,
    Finding,
    HostAssessment,
    Link,
    LinkSide,
    Outcome,
    Score,
    ServiceView,
)
from auditor.model.certificate import Certificate, ChainProblem, ChainReport, NameCheck, ProblemKind
from auditor.model.control import GUIDE
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.facts import Identity, NameLookup
from auditor.model.inventory import Target
from auditor.model.policy import Policy
from auditor.model.verdict import Status
from tests.reports.sample_catalogue import CATALOGUE, WORDS

State = Literal["open", "closed", "filtered", "unknown"]

START = datetime(2026, 3, 4, 2, 0, 0, tzinfo=UTC)
END = START + timedelta(minutes=3, seconds=20)

HOSTILE_NAME = 'evil"><script>alert(1)</script>\u202egnp.exe'
HOSTILE_BANNER = "</td><img src=http://evil.test/x onerror=alert(2)>\x1b[31mred\x1b[0m\r\nINJECTED: line\u2066\x00"
HOSTILE_LONG = "A" * 10_000


def finding(control: str, status: Status, because: str, *evidence: str, host: str = "rm204") -> Finding:
    """Return a finding of the sample catalogue."""
    words = WORDS[control]
    return Finding(
        control=control,
        host=host,
        title=words.title,
        kind=words.kind.value,
        level=words.level,
        status=status,
        because=because,
        evidence=evidence,
        citation=Citation(document=GUIDE, section=words.section, step=words.step),
        remediation=words.remediation,
        checklist=words.checklist,
    )


def service(name: str, port: int, state: State, level: int | None, detail: str) -> ServiceView:
    """Return one row of a host's services."""
    return ServiceView(
        service=name,
        title=name.upper(),
        port=port,
        transport="tcp",
        state=state,
        level=level,
        detail=detail,
        management=True,
    )


def certificate(
    subject: str | None, days: int, *, issuer: str | None = "CN=Example Issuing CA 1,O=Example"
) -> Certificate:
    """Return a certificate that ends `days` after the audit."""
    return Certificate(
        der=b"",
        sha256=sha256((subject or "none").encode(errors="replace")).hexdigest(),
        subject=subject,
        issuer=issuer,
        not_before=START - timedelta(days=300),
        not_after=END + timedelta(days=days, hours=1),
        key="RSA 2048",
        signature_algorithm="sha256WithRSAEncryption",
    )


def chain(*presented: Certificate, code: int = 0, problems: tuple[ChainProblem, ...] = ()) -> ChainReport:
    """Return a judged chain."""
    return ChainReport(
        presented=presented,
        path=(),
        verify_code=code,
        verify_name="X509_V_ERR_CERT_HAS_EXPIRED" if code else "X509_V_OK",
        name_check=NameCheck(
            reference="rm204.example.test",
            outcome="mismatch" if problems else "match",
            by_common_name="match",
            by_subject_alternative_name="absent",
            because="the common name is rm204.example.test",
        ),
        problems=problems,
        checked_at=START,
        device_log_line=f"verify error:num={code}" if code else "",
    )


def host(name: str, outcome: Outcome, score: Score, *findings: Finding, product: str = "mxp") -> HostAssessment:
    """Return a host with its target; everything else is replaced by the caller."""
    return HostAssessment(
        target=Target(
            name=name, product=product, hostname=f"{name}.example.test", address="192.0.2.21", site="oslo",
            tags=("boardroom",), target_level=3,
        ),
        product=product,
        product_title={"mxp": "TANDBERG MXP", "vcs": "TANDBERG VCS", "tms": "TANDBERG TMS"}[product],
        identity=Identity(family=product, software="F7.2 NTSC", system_name=name, said_by="telnet/telnet"),
        evidence=Evidence(),
        findings=tuple(
            replace(f, host=name)
            for f in findings
        ),
        score=score,
        outcome=outcome,
        reachable=True,
        started_at=START,
        finished_at=START + timedelta(seconds=14),
    )  # fmt: skip


def missing_host() -> HostAssessment:
    """Return a host that misses its target: plain Telnet is open and its certificate has ended."""
    found = host(
        "rm204",
        Outcome.MISSES,
        Score(proven=1, possible=1, held_back_by=("services.telnet-off", "services.http-off")),
        finding(
            "services.telnet-off", Status.NOT_MET, "Telnet answered on port 23 and asked for a password in clear.",
            "port/telnet: open", "telnet/telnet: banner 'Welcome to rm204', prompt password",
        ),
        finding("services.ftp-off", Status.MET, "Port 21 refused the connection.", "port/ftp: refused"),
        finding(
            "services.http-off", Status.NOT_MET, "HTTP answered on port 80 with a redirect.", "get/http/: 302 to https",
        ),
        finding("services.https-on", Status.MET, "A TLS handshake was completed.", "tls/https: TLSv1.2"),
        finding("certificates.in-date", Status.NOT_MET, "The certificate ended 12 days ago.", "chain/https: expired"),
        finding("clients.verify-server-certificate", Status.UNDETERMINED, "No view from outside shows this setting."),
        finding("certificates.key-strength", Status.NOT_MET, "The key has 1024 bits.", "chain/https: RSA 1024"),
        finding("trust.device-accepts-tms", Status.UNDETERMINED, "The root list of the device is not known."),
    )  # fmt: skip
    services = (
        service("telnet", 23, "open", 1, "asks for a password in clear"),
        service("ftp", 21, "closed", None, "refused"),
        service("http", 80, "open", 2, "Digest and Basic offered"),
        service("https", 443, "open", 3, "TLSv1.2, certificate not valid"),
        service("ssh", 22, "filtered", None, "nothing came back within 8 s"),
    )
    ended = chain(
        certificate("CN=rm204.example.test,O=Example", -12),
        certificate("CN=Example Issuing CA 1,O=Example", 2000, issuer="CN=Example Root,O=Example"),
        code=10,
        problems=(
            ChainProblem(ProblemKind.EXPIRED, "the certificate ended 12 days before the audit", 0),
            ChainProblem(ProblemKind.MISSING_INTERMEDIATE, "the chain stops before a root that is known here"),
        ),
    )
    return replace(
        found, services=services, chain=ended, notes=("The name in the banner differs from the inventory's.",)
    )


def meeting_host() -> HostAssessment:
    """Return a host that meets its target, with one statement that rests on a person."""
    attested = finding(
        "clients.verify-server-certificate", Status.MET, "Stated by the operator.", "attested/verify: yes"
    )
    found = host(
        "vcs-core",
        Outcome.MEETS,
        Score(proven=4, possible=4),
        finding("services.telnet-off", Status.MET, "Port 23 refused the connection.", "port/telnet: refused"),
        finding("services.ftp-off", Status.NOT_APPLICABLE, "This product has no FTP."),
        finding("services.http-off", Status.MET, "Port 80 refused the connection.", "port/http: refused"),
        finding("services.https-on", Status.MET, "A TLS handshake was completed.", "tls/https: TLSv1.2"),
        finding("certificates.in-date", Status.MET, "It ends in 41 days.", "chain/https: valid"),
        replace(attested, attested=True),
        finding("certificates.key-strength", Status.MET, "The key has 2048 bits.", "chain/https: RSA 2048"),
        product="vcs",
    )
    return replace(
        found,
        services=(service("https", 443, "open", 4, "TLSv1.2, certificate valid"),),
        chain=chain(certificate("CN=vcs-core.example.test", 41)),
    )


def doubtful_host() -> HostAssessment:
    """Return a host whose level is open, and one of whose verdicts was lost to a fault of ours."""
    lost = finding("services.ftp-off", Status.UNDETERMINED, "The check failed inside the auditor.")
    return host(
        "rm118",
        Outcome.INCONCLUSIVE,
        Score(proven=1, possible=4, doubts=("services.telnet-off", "services.ftp-off")),
        finding(
            "services.telnet-off", Status.UNDETERMINED, "Port 23 gave no answer.", "port/telnet: nothing came back"
        ),
        replace(lost, fault=True),
        finding("services.https-on", Status.MET, "A TLS handshake was completed.", "tls/https: TLSv1.2"),
    )


def silent_host() -> HostAssessment:
    """Return a host that gave no answer; its address came from DNS."""
    found = host("rm300", Outcome.UNREACHABLE, Score(proven=None, possible=None))
    lookup = Observation(
        NameLookup, "dns", "forward", START,
        Seen(NameLookup(name="rm300.example.test", addresses=("192.0.2.99",), resolver="system")),
    )  # fmt: skip
    return replace(
        found,
        target=replace(found.target, address=None, site=None, tags=()),
        identity=None,
        evidence=Evidence((lookup,)),
        reachable=False,
        unreachable_because="Nothing came back from 192.0.2.99 on any port.",
        started_at=None,
        finished_at=None,
    )


def server_host() -> HostAssessment:
    """Return a management server with a lock-down verdict."""
    return host(
        "tms",
        Outcome.MISSES,
        Score(proven=2, possible=2, held_back_by=("services.http-off",)),
        finding("services.http-off", Status.NOT_MET, "HTTP answered.", "get/http/tms/: 200", host="tms"),
        finding("services.https-on", Status.MET, "Every path answered over HTTPS.", "get/https/tms/: 401", host="tms"),
        finding("tms.http-refused", Status.NOT_MET, "HTTP is served.", "get/http/tms/: 200", host="tms"),
        product="tms",
    )


def hostile_host() -> HostAssessment:
    """Return a host that writes markup, escapes, direction controls and 10,000 letters into every field."""
    nasty = finding(
        "services.telnet-off", Status.NOT_MET, f"banner said {HOSTILE_BANNER}", f"telnet/telnet: {HOSTILE_BANNER}",
        f"telnet/telnet: {HOSTILE_LONG}", host=HOSTILE_NAME,
    )  # fmt: skip
    found = host("x", Outcome.MISSES, Score(proven=1, possible=1, held_back_by=("services.telnet-off",)), nasty)
    leaf = certificate(f"CN={HOSTILE_BANNER}", 10, issuer=f"O={HOSTILE_LONG}")
    return replace(
        found,
        target=replace(
            found.target, name=HOSTILE_NAME, hostname=HOSTILE_BANNER, site="<b>site</b>", tags=('"><script>tag',)
        ),
        identity=Identity(family="mxp", software=HOSTILE_BANNER, system_name=HOSTILE_LONG, said_by="telnet/telnet"),
        services=(service("telnet", 23, "open", 1, HOSTILE_BANNER + HOSTILE_LONG),),
        chain=chain(leaf, code=10, problems=(ChainProblem(ProblemKind.UNREADABLE, HOSTILE_BANNER, 0),)),
        notes=(HOSTILE_BANNER, "\ud800 lone surrogate"),
    )


def sample_run() -> AuditRun:
    """Return the run that most tests render."""
    hosts = (missing_host(), meeting_host(), doubtful_host(), silent_host(), server_host(), hostile_host())
    return AuditRun(
        id="2026-03-04T02:00:00Z-5f1d",
        tool_version="0.1.0",
        started_at=START,
        finished_at=END,
        complete=False,
        policy=Policy(expiry_warning_days=60),
        catalogue=CATALOGUE,
        catalogue_digest=sha256(b"catalogue").hexdigest(),
        inventory_digest=sha256(b"inventory").hexdigest(),
        inventory_source="fleet.yaml",
        hosts=hosts,
        links=(
            Link(
                device="rm204", tms="tms", level=None,
                device_to_tms=LinkSide(level=None, because="the root list of the device is not known"),
                tms_to_device=LinkSide(level=3, because="the certificate has ended"),
            ),
        ),
        tool_faults=("services.ftp-off on rm118: ValueError",),
        not_looked_at=("rm400", "rm401<b>"),
        versions={"weasyprint": "70.0", "openssl": "3.0.17"},
        requests_made=214,
        requests_refused=1,
    )  # fmt: skip
