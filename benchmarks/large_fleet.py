"""A run of any number of hosts, made from the sample run of the tests or from a bundle; each host differs."""

from collections.abc import Sequence
from dataclasses import replace

from auditor.model.assessment import AuditRun, HostAssessment
from tests.reports.sample_run import sample_run

SITES, TAGS = 40, 12


def large_fleet(hosts: int, like: AuditRun | None = None) -> AuditRun:
    """Return a run of `hosts` hosts, those of `like` (else of the sample) over and over with names of their own."""
    run = like or sample_run()
    return replace(
        run,
        hosts=tuple(_copy(run.hosts, number) for number in range(hosts)),
        links=tuple(replace(run.links[0], device=f"rm1-{number}") for number in range(hosts)) if run.links else (),
    )


def _copy(hosts: Sequence[HostAssessment], number: int) -> HostAssessment:
    host = hosts[number % len(hosts)]
    target = replace(
        host.target,
        name=f"rm{number}",
        hostname=f"rm{number}.example.test",
        site=f"site-{number % SITES}",
        tags=(f"tag-{number % TAGS}",),
    )
    findings = tuple(
        replace(f, host=target.name, evidence=tuple(f"{e} [{number}]" for e in f.evidence)) for f in host.findings
    )
    return replace(host, target=target, findings=findings)
