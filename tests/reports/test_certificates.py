"""What reports say of certificates: the further judgements of one chain, and the view over the fleet."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator

from auditor.model.assessment import AuditRun
from auditor.model.certificate import ChainProblem, JudgedChain, OcspStaple, ProblemKind, Revocation
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.fleet import (
    FactoryCertificate,
    FleetCertificate,
    FleetCertificates,
    Forecast,
    SelfSignedCluster,
    SharedKey,
)
from auditor.reports.html import HtmlReport
from auditor.reports.json_v1 import JsonReport, schema_text
from auditor.reports.pdf import PdfReport
from tests.reports.sample_run import END, HOSTILE_BANNER, HOSTILE_NAME, START, missing_host, sample_run

HASH = "ab" * 32
OLD = FleetCertificate(
    sha256=HASH, spki_sha256=HASH, subject="CN=Example Issuing CA 1,O=Example", issuer="CN=Example Root,O=Example",
    role="intermediate", not_after=END + timedelta(days=20), days_left=20, key="RSA 1024",
    signature_algorithm="md5WithRSAEncryption", hosts=("rm204", "vcs-core"), weak_key="RSA 1024 is shorter",
    weak_signature="signed with md5WithRSAEncryption: MD5 can be forged",
)  # fmt: skip
UNREADABLE = FleetCertificate(
    sha256="cd" * 32, spki_sha256=None, subject=None, issuer=None, role="leaf", not_after=None, days_left=None,
    key=None, signature_algorithm=None, hosts=(HOSTILE_NAME,),
)  # fmt: skip
NASTY = replace(OLD, sha256="ef" * 32, subject=f"CN={HOSTILE_BANNER}", role="leaf", hosts=(HOSTILE_NAME,))
FLEET = FleetCertificates(
    certificates=(OLD, NASTY, UNREADABLE),
    factory=(FactoryCertificate(host="rm204", subject="O=Factory", by=("name", "key")),),
    shared_keys=(SharedKey(spki_sha256=HASH, key="RSA 2048", certificates=(HASH,), hosts=("rm204", "vcs-core")),),
    self_signed=(SelfSignedCluster(pattern="", key="RSA 512", signature_algorithm=None, hosts=("rm118",)),),
    forecasts=(
        Forecast(days=30, leaves=1, intermediates=1, roots=0, hosts=("rm204", "vcs-core")),
        Forecast(days=45, leaves=1, intermediates=1, roots=0, hosts=("rm204", "vcs-core")),
    ),
    next_audit_days=45,
    without_certificate=("rm300",),
)


def run() -> AuditRun:
    """Return the sample with everything that can be said of certificates."""
    first = missing_host()
    assert first.chain is not None
    report = replace(first.chain, revocation=Revocation.STALE)
    problem = ChainProblem(ProblemKind.PROFILE, "no subject alternative name", 0)
    modern = replace(report, problems=(*report.problems, problem), verify_name="X509_V_ERR_APPLICATION_VERIFICATION")
    then = replace(report, checked_at=START - timedelta(days=4000), verify_code=9, problems=(
        ChainProblem(ProblemKind.NOT_YET_VALID, "valid from a day to come", 0),
    ))  # fmt: skip
    judged = JudgedChain(
        port=443, report=report, modern=modern, at_device_clock=then, proven=False,
        staple=OcspStaple(status="good", signature="not_checked", current=False, this_update=START),
    )  # fmt: skip
    seen = Observation(JudgedChain, "chain", "https", START, Seen(judged), 443, derived=True)
    host = replace(first, chain=report, evidence=Evidence((seen,)))
    sample = sample_run()
    return replace(sample, hosts=(host, *sample.hosts[1:]), certificates=FLEET)


def text_of(html: bytes) -> str:
    """Return what a reader sees, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.decode()).split())


def test_json_has_every_judgement_and_keeps_the_contract() -> None:
    """The additional keys stand beside the old ones, which do not change."""
    document = json.loads(JsonReport().render(run()))
    Draft202012Validator(json.loads(schema_text())).validate(document)
    shown = document["hosts"][0]["certificate"]
    assert (shown["verify_code"], shown["revocation"], shown["possession_proven"]) == (10, "stale", False)
    assert shown["modern"]["problems"][-1] == "no subject alternative name"
    assert (shown["at_device_clock"]["verify_code"], shown["at_device_clock"]["checked_at"][:4]) == (9, "2015")
    assert (shown["ocsp_staple"]["status"], shown["ocsp_staple"]["signature"]) == ("good", "not_checked")
    fleet = document["certificates"]
    assert [c["role"] for c in fleet["all"]] == ["intermediate", "leaf", "leaf"]
    assert fleet["shared_keys"][0]["same_certificate"] is True
    assert (fleet["next_audit_days"], [f["days"] for f in fleet["forecast"]]) == (45, [30, 45])


def test_json_without_these_judgements_says_null() -> None:
    """A run that was made without them keeps the contract too."""
    document = json.loads(JsonReport().render(sample_run()))
    assert document["certificates"] is None
    assert document["hosts"][0]["certificate"]["modern"] is None


@pytest.mark.parametrize(
    "words",
    [
        "By today's practice 10 X509_V_ERR_APPLICATION_VERIFICATION",
        "no subject alternative name",
        "At the host's own clock 9 X509_V_ERR_CERT_HAS_EXPIRED",
        "valid from a day to come",
        "a list is out of date",
        "good, but not for this time its signature: not checked",
        "not proven: the chain was presented",
        "45 days the next audit 1 1 0 2 hosts rm204, vcs-core",
        "rm204 O=Factory name and key",
        "one certificate rm204, vcs-core",
        "nothing else RSA 512 unreadable rm118",
        "MD5 can be forged",
        "nothing is known of 1 host that showed none: rm300",
    ],
)
def test_the_page_says_it(words: str) -> None:
    """Each fact in words that a person can read."""
    assert words in text_of(HtmlReport().render(run())).replace("&#39;", "'").replace(" ,", ",")


def test_hostile_names_stay_text() -> None:
    """A subject and a host name full of markup bring none of it onto the page."""
    page = HtmlReport().render(run()).decode()
    assert "<img src=http" not in page
    assert "<script>alert" not in page


def test_paper_has_the_section_and_leaves_no_hole() -> None:
    """The PDF is made from the same words."""
    assert PdfReport().render(run()).startswith(b"%PDF-")
