"""The cryptography bill of materials: valid by CycloneDX's own schema, each thing once."""

import json
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from auditor.reports.cbom import CbomReport
from tests.reports.machine_run import FULL, machine_run
from tests.reports.sample_run import sample_run

RUN = machine_run()


def bom() -> dict[str, Any]:
    """Return the document as a reader would parse it."""
    document = json.loads(CbomReport().render(RUN))
    assert isinstance(document, dict)
    return document


def test_it_is_valid_cyclonedx() -> None:
    """Strictly, and a broken one is not."""
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    for run in (RUN, sample_run()):
        assert validator.validate_str(CbomReport().render(run).decode()) is None
    broken = bom()
    broken["components"][-1]["cryptoProperties"]["assetType"] = "passport"
    assert validator.validate_str(json.dumps(broken)) is not None


def test_every_reference_leads_somewhere_and_nothing_is_there_twice() -> None:
    """Dependencies and references of algorithms and keys."""
    document = bom()
    refs = [component["bom-ref"] for component in document["components"]]
    assert len(set(refs)) == len(refs)
    assert {d["ref"] for d in document["dependencies"]} == set(refs)
    assert {on for d in document["dependencies"] for on in d["dependsOn"]} <= set(refs)
    for component in document["components"]:
        crypto = component.get("cryptoProperties", {})
        certificate = crypto.get("certificateProperties", {})
        key = crypto.get("relatedCryptoMaterialProperties", {})
        named = [
            certificate.get("signatureAlgorithmRef"),
            certificate.get("subjectPublicKeyRef"),
            key.get("algorithmRef"),
        ]
        assert {ref for ref in named if ref} <= set(refs)


def test_a_shared_key_is_one_component() -> None:
    """Two certificates of the full host rest on the same key; its SSH key and TLS session are there too."""
    document = bom()
    [host] = [c for c in document["components"] if c["name"] == FULL]
    [shows] = [d["dependsOn"] for d in document["dependencies"] if d["ref"] == host["bom-ref"]]
    certificates = [ref for ref in shows if ref.startswith("certificate:")]
    assert len(certificates) == 2
    keys = [
        {on for on in d["dependsOn"] if on.startswith("key:")}
        for d in document["dependencies"]
        if d["ref"] in certificates
    ]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 1
    assert any(ref.startswith("ssh-key:") for ref in shows)
    assert any(ref.startswith("tls:") for ref in shows)
