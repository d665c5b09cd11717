"""Advisory: the connection to an external database is encrypted."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence, Observation, Unknown
from auditor.model.facts import Attested, DatabaseFace
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict

from ._statement import judge_statement

_STATEMENT = "database-encrypted"
_STILL_OPEN = {
    "off": "does not demand encryption: the login is encrypted, the rest only where the management server asks for it",
    "on": "says that encryption is on, which is no answer that the protocol provides for a client that offers none",
}


@control(
    "tms.database-encrypted",
    title="The connection to the database is local or encrypted",
    kind=Kind.ADVISORY,
    needs=(Need(Attested, _STATEMENT, optional=True), Need(DatabaseFace, optional=True)),
    method=(
        "Where the inventory names the database host, sends it the one packet that comes before a login (MS-TDS "
        "PRELOGIN), offers to go without encryption, and reads the answer. A server that demands encryption all the "
        "same meets the control, one that cannot encrypt does not, and both win over any statement. Where the server "
        "leaves it to its clients, was not reached, or is not named, the operator's signed statement decides while it "
        "is valid; the result is then marked as attested."
    ),
    blind_spots=(
        "That the management server uses the database host that the inventory names is the inventory's word. A server "
        "that leaves encryption to its clients does not show what the management server asks for. The database's "
        "certificate is not looked at: encrypted does not mean that anybody knows who is at the other end. Nobody has "
        "checked a statement."
    ),
    section="TMS chapter, TMS Interaction with the Database",
)
def database_encrypted(evidence: Evidence, context: Context) -> Verdict:
    """Everything that the management server knows passes to its database.

    A database on the same machine is not exposed. An external one protects the conversation only where encryption was
    switched on there. The guide leaves this to the owner, so it decides no level.
    """
    asked = evidence.one(DatabaseFace)
    face = None if asked is None else asked.fact
    if asked is not None and face is not None:
        where = f"The database server at {face.address} port {face.port}"
        if face.encryption == "required":
            return Met(f"{where} demands encryption of every client.", (asked.id,))
        if face.encryption == "not_supported":
            return NotMet(f"{where} cannot encrypt.", (asked.id,))
    return _by_word(evidence, context, asked)


def _by_word(evidence: Evidence, context: Context, asked: Observation[DatabaseFace] | None) -> Verdict:
    """Judge by the statement, with what the database's own answer adds to it; no answer takes nothing from it."""
    stated = judge_statement(evidence, context, _STATEMENT)
    if asked is None:
        return stated
    because = f"{stated.because} {_said(asked)}"
    despite = (asked.id,) if isinstance(asked.outcome, Unknown) else ()
    match stated:
        case Met():
            return Met(because, stated.shown_by, despite=despite, attested=True)
        case NotMet():
            return NotMet(because, stated.shown_by, attested=stated.attested)
        case Undetermined() | NotApplicable():
            return Undetermined(because, (*stated.shown_by, asked.id))


def _said(asked: Observation[DatabaseFace]) -> str:
    if asked.fact is not None:
        face = asked.fact
        return f"The database server at {face.address} port {face.port} {_STILL_OPEN[face.encryption]}."
    detail = asked.outcome.detail if isinstance(asked.outcome, Unknown) else asked.outcome.reason  # type: ignore[union-attr]  # a fact was seen above
    return f"The database server that the inventory names did not tell: {detail.rstrip('.')}."
