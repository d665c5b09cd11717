"""Level 4: the certificate is the host's own."""

from auditor.model.certificate import ChainReport, JudgedChain, ProblemKind
from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, judge_chains, leaf_unreadable


@control(
    "certificates.own",
    title="The certificate is the host's own",
    level=4,
    needs=(Need(JudgedChain),),
    method="Compares subject, issuer and key with the known factory certificates of the family, looks for a signature "
    "by the certificate's own key, and for the same key on other hosts of the audit.",
    blind_spots="A factory certificate whose names and key are not in the profile is not recognised. A key that is "
    "shared with a host outside the audit is not seen.",
    section="Uploading Server Certificates",
)
def own(evidence: Evidence, context: Context) -> Verdict:
    """Factory certificates, and keys that several hosts share, are in the hands of many.

    Whoever has one such system can pose as all of them, so Level 4 asks for a certificate and a key for each host.
    A self-signed certificate is vouched for by nobody.
    """

    def opine(report: ChainReport) -> Opinion:
        """Collect every sign that the certificate is not the host's own."""
        leaf = report.leaf
        if leaf is None:
            return Opinion("", not_applicable="The server presented no certificate that could be its own.")
        others = [n for n in context.shared_keys.get(leaf.spki_sha256 or "", ()) if n != context.target.name]
        breaches = []
        if context.profile.factory_signs(leaf):
            breaches.append("it is the certificate that the system left the factory with")
        # On the root list itself it verifies, and is no problem of the path: it is signed by itself all the same.
        if report.has(ProblemKind.SELF_SIGNED_LEAF) or (leaf.self_issued and len(report.path) == 1):
            breaches.append("it is signed by itself")
        if others:
            breaches.append(f"its key is also used by {', '.join(others)}")
        unreadable = leaf_unreadable(report)
        doubts = [unreadable] if unreadable else []
        if leaf.spki_sha256 is None and not unreadable:
            doubts.append("its key cannot be compared with the keys of other hosts")
        if not context.profile.knows_factory:
            doubts.append("the profile knows no factory certificate to compare with")
        return Opinion("the certificate is not a factory one, and no other host of the audit has its key",
                       tuple(breaches), tuple(doubts))  # fmt: skip

    return judge_chains(evidence, opine)
