"""Level 4: a DNS server is set."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested, Setting
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict

from ._words import gap_ids, seen_ids, statement, value

_PATH, _STATEMENT = "dns.server", "server-dns"


@control(
    "prerequisites.dns-server",
    title="A DNS server is set",
    level=4,
    needs=(Need(Setting, _PATH, optional=True), Need(Attested, _STATEMENT, optional=True)),
    method="Reads the setting from the system or from a saved configuration; else takes the operator's statement and "
    "marks it as such.",
    blind_spots="Does not try whether the DNS server answers the system. A server that DHCP hands out may not show in "
    "the setting.",
    section="Additional Settings Required for VerifyServerCertificate",
)
def dns_server(evidence: Evidence, context: Context) -> Verdict:
    """Certificates are verified for names, and without DNS a system cannot reach anybody by name.

    It would have to use numbers as addresses, which no certificate check can pass.
    """
    server, despite = value(evidence, _PATH), gap_ids(evidence, Setting, _PATH)
    if server is not None:
        ids = seen_ids(evidence, Setting, _PATH)
        if server.casefold() in {"", "0.0.0.0", "::", "none"}:  # noqa: S104 - a device's word for 'not set'
            return NotMet("The configuration names no DNS server.", ids)
        return Met(f"The DNS server is {server:.80}.", ids)
    said = statement(evidence, context, _STATEMENT)
    if said is None:
        return Undetermined(f"Needs the setting {_PATH} or a statement {_STATEMENT}; neither was given.", despite)
    observation, yes = said
    if yes:
        return Met("The operator states that a DNS server is set.", (observation.id,), despite, attested=True)
    return NotMet("The operator states that no DNS server is set.", (observation.id,), attested=True)
