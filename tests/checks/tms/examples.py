"""Examples of the verdicts of `tms.*`."""

from auditor.model.evidence import AnyObservation
from auditor.model.link import Contradiction
from tests.checks.evidence import (
    FAILED,
    FILTERED,
    REFUSED,
    SERVER,
    attested,
    context,
    database,
    http,
    lookup,
    met,
    not_met,
    observe,
    port,
    undetermined,
)  # fmt: skip

T = "tms."
HERE = context(SERVER)
STATEMENTS = {
    "secure-only": "yes", "verify-certificates": "yes", "fqdn-configured": "yes", "systems-by-hostname": "yes",
    "server-dns": "yes", "server-time": "yes", "override-dns-off": "yes", "one-name-for-all": "yes",
    "snmp-scan-off": "yes", "snmp-broadcast-disabled": "yes", "integrations-https": "yes",
    "database-encrypted": "yes", "open-tickets": "no",
}  # fmt: skip
OTHER = {"yes": "no", "no": "yes"}


def against(statement: str, *, refutes: bool = True) -> AnyObservation:
    """Return what a device shows against a statement."""
    fact = Contradiction(
        statement=statement, devices=("rm204",), because="Settings of rm204 say HTTP.", refutes=refutes
    )
    return observe(Contradiction, f"devices/{statement}", fact)


D = "database-encrypted"

EXAMPLES = (
    met(T + D, database("required"), where=HERE, says="192.0.2.30 port 1433 demands encryption"),
    met(T + D, attested(D, "no"), database("required"), where=HERE, says="demands encryption"),
    not_met(T + D, database("not_supported"), where=HERE, says="cannot encrypt"),
    not_met(T + D, attested(D), database("not_supported"), where=HERE, says="cannot encrypt"),
    undetermined(T + D, database("off"), where=HERE, says="does not demand encryption"),
    undetermined(T + D, database("on"), where=HERE, says="no answer that the protocol provides"),
    met(T + D, attested(D), database("off"), where=HERE, says="does not demand encryption"),
    not_met(T + D, attested(D, "no"), database("off"), where=HERE, says="Kari"),
    met(T + D, attested(D), database(FILTERED), where=HERE, says="did not tell: No answer came back"),
    met(T + D, attested(D), database(REFUSED), where=HERE, says="did not tell: connection refused"),
    undetermined(T + D, database(FILTERED), where=HERE, says="none was given"),
    undetermined(T + D, attested(D, days=0), database("off"), where=HERE, says="not valid"),
    not_met(
        T + "systems-by-hostname",
        attested("systems-by-hostname"),
        against("systems-by-hostname"),
        where=HERE,
        says="rm204",
    ),
    not_met(T + "secure-only", attested("secure-only"), against("secure-only"), where=HERE, says="rm204"),
    not_met(T + "secure-only", against("secure-only"), where=HERE, says="rm204"),
    undetermined(
        T + "verify-certificates",
        attested("verify-certificates"),
        against("verify-certificates", refutes=False),
        where=HERE,
        says="rm204",
    ),
    not_met(
        T + "verify-certificates",
        attested("verify-certificates", "no"),
        against("verify-certificates", refutes=False),
        where=HERE,
        says="Kari",
    ),
    met(T + "server-dns", attested("server-dns"), against("secure-only"), where=HERE),
    *(met(T + s, attested(s, good.upper()), where=HERE, says="Kari Nordmann") for s, good in STATEMENTS.items()),
    *(not_met(T + s, attested(s, OTHER[good]), where=HERE) for s, good in STATEMENTS.items()),
    *(undetermined(T + s, where=HERE, says="none was given") for s in STATEMENTS),
    *(undetermined(T + s, attested(s, good, days=0), where=HERE, says="not valid") for s, good in STATEMENTS.items()),
    *(undetermined(T + s, attested(s, good, since=-1), where=HERE) for s, good in STATEMENTS.items()),
    *(undetermined(T + s, attested(s, "y\x1b"), where=HERE, says="not a clear yes or no") for s in STATEMENTS),
    *(undetermined(T + s, attested(s, "yes"), attested(s, "no"), where=HERE) for s in STATEMENTS),
    not_met(T + "one-name-for-all", attested("one-name-for-all"), lookup(REFUSED), where=HERE),
    met(T + "https-on", http(200, scheme="https"), http(401, "ntlm", path="/tms/", scheme="https"), where=HERE),
    not_met(T + "https-on", http(200, scheme="https"), http(REFUSED, path="/tms/", scheme="https"), where=HERE),
    not_met(T + "https-on", http(302, scheme="https", location="http://tms.example.test/"), where=HERE),
    undetermined(T + "https-on", http(200, scheme="https"), http(404, path="/tms/", scheme="https"), where=HERE),
    undetermined(T + "https-on", http(503, scheme="https"), where=HERE),
    undetermined(T + "https-on", http(FAILED, scheme="https"), where=HERE, says="handshake failed"),
    undetermined(T + "https-on", http(200), where=HERE),
    met(T + "http-refused", port("http", REFUSED), http(REFUSED), where=HERE),
    met(T + "http-refused", port("http"), http(403), http(403, path="/tms/", ssl_required=True), where=HERE),
    met(T + "http-refused", port("http"), http(302, location="https://tms.example.test/"), where=HERE),
    not_met(
        T + "http-refused", port("http"), http(403), http(401, "ntlm", path="/tms/"), where=HERE, says="/tms/ (401)"
    ),
    not_met(T + "http-refused", port("http"), http(302, location="/login"), where=HERE),
    undetermined(T + "http-refused", port("http"), http(403), http(FILTERED, path="/tms/"), where=HERE),
    undetermined(T + "http-refused", where=HERE),
)
