"""Level 4: a list of trusted roots is loaded on the host."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence, Unknown
from auditor.model.facts import RootList
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict


@control(
    "clients.root-list-loaded",
    title="A list of trusted root certificates is loaded",
    level=4,
    needs=(Need(RootList),),
    method="Reads the list of loaded root certificates where the system shows it; else takes the operator's word from "
    "the inventory and marks it as such.",
    blind_spots="Counts the roots; whether they are the right ones is judged with the links. A list that the operator "
    "stated may not be what is loaded.",
    section="Uploading Root Certificates",
)
def root_list_loaded(evidence: Evidence, context: Context) -> Verdict:
    """Certificates of servers can be verified only against roots that somebody loaded into the system.

    With verification on and no roots, it would refuse every server; with verification off, nobody would notice.
    """
    asked = evidence.observed(RootList)
    loaded = [o for o in asked if o.fact is not None and o.fact.certificates]
    if loaded:
        count = sum(len(o.fact.certificates) for o in loaded if o.fact)
        stated = all(o.fact.source == "stated" for o in loaded if o.fact)
        whose = ", as the operator states" if stated else ""
        despite = tuple(o.id for o in evidence.gaps(RootList))
        return Met(f"{count} root certificates are loaded{whose}.", tuple(o.id for o in loaded), despite, stated)
    empty = [o for o in asked if o.fact is not None or isinstance(o.outcome, Absent)]
    if empty:
        return NotMet("No root certificate is loaded.", tuple(o.id for o in empty))
    why = "; ".join(o.outcome.detail.rstrip(".") for o in asked if isinstance(o.outcome, Unknown))
    because = f"Needs the list of loaded roots, read or stated in the inventory; {why or 'neither was given'}."
    return Undetermined(because, tuple(o.id for o in asked))
