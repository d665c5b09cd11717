"""The run as a flat sequence of records: one finding with its host, as every machine format wants it."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from auditor.model.assessment import AuditRun, Finding, HostAssessment
from auditor.model.certificate import Certificate
from auditor.model.changes import FindingChange
from auditor.model.facts import NameLookup
from auditor.reports.interface import ReportError

VENDOR = "vc-fleet-auditor"
PRODUCT = "auditor"
"""What machine formats call this program, and its maker."""

ENDPOINT = "Video conferencing system"
SERVER = "Server"
"""The two kinds of host, in words."""

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST_HOST_NAME = 253


class DuplicateFingerprintError(ReportError):
    """Two findings of a run have the same fingerprint: whoever reads them would take one for the other."""


@dataclass(frozen=True, slots=True)
class Record:
    """One finding and the host that it is about."""

    run: AuditRun
    host: HostAssessment
    finding: Finding

    @property
    def at(self) -> datetime:
        """When the host had been observed; the end of the audit where it never was."""
        return self.host.finished_at or self.run.finished_at

    @property
    def occurrence(self) -> str:
        """Identifier of this finding in this audit; the fingerprint alone is the same in every audit."""
        return f"{self.run.id}/{self.finding.fingerprint}"

    @property
    def change(self) -> FindingChange | None:
        """What is new about it, where the run tells what is new."""
        return self.run.changes.findings.get(self.finding.fingerprint) if self.run.changes else None

    @property
    def sentence(self) -> str:
        """One line for a person: host, control, verdict, whether it is accepted, and reason."""
        status = self.finding.status.value.replace("_", " ")
        accepted = f" (accepted by waiver {self.finding.waiver.id})" if self.finding.waiver else ""
        return f"{self.host.target.name}: {self.finding.control} {status}{accepted}: {self.finding.because}"

    @property
    def remediation(self) -> str:
        """What a person can do, in one line; empty where there is nothing to do."""
        return one_line(self.finding.remediation)

    @property
    def reference(self) -> str:
        """Where the guide says so."""
        citation = self.finding.citation
        return ", ".join(part for part in (citation.document, citation.section, citation.step) if part)


def records(run: AuditRun) -> Iterator[Record]:
    """Yield every finding, hosts in inventory order; raise `DuplicateFingerprintError` rather than give one twice.

    Where the run tells what is new since an earlier audit, only findings that are new or changed are given.
    """
    seen: set[str] = set()
    for host in run.hosts:
        for finding in host.findings:
            if finding.fingerprint in seen:
                raise DuplicateFingerprintError(
                    f"two findings have the fingerprint {finding.fingerprint}, the second of them {finding.control} "
                    f"of {host.target.name}"
                )
            seen.add(finding.fingerprint)
            if run.changes is None or finding.fingerprint in run.changes.findings:
                yield Record(run, host, finding)


def presented(run: AuditRun) -> Iterator[tuple[HostAssessment, int, Certificate]]:
    """Yield every certificate that a host presented, with its place in the chain (0 is the host's own)."""
    for host in run.hosts:
        for depth, certificate in enumerate(host.chain.presented if host.chain else ()):
            yield host, depth, certificate


def address_of(host: HostAssessment) -> str | None:
    """Return the IP address to which packets went, or None where it is not known."""
    looked_up = (address for lookup in host.evidence.of(NameLookup, "forward") for address in lookup.addresses)
    for text in (host.address, host.target.address, *looked_up):
        try:
            return str(ipaddress.ip_address(text or "")).partition("%")[0]
        except ValueError:
            continue
    return None


def host_name_of(host: HostAssessment) -> str | None:
    """Return the host's DNS name where it is one by its form (RFC 1123); formats check it, and text is hostile."""
    name = host.target.hostname
    return name if name and len(name) <= _LONGEST_HOST_NAME and _HOST_NAME.fullmatch(name) else None


def kind_of(host: HostAssessment) -> str:
    """Return what kind of host this is: a management server, or a system that it manages."""
    return SERVER if host.product == "tms" else ENDPOINT


def one_line(text: str) -> str:
    """Return text of ours (never a device's) with its paragraphs parted by ` | ` instead of lines."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return " | ".join(paragraph for paragraph in paragraphs if paragraph)


def milliseconds(at: datetime) -> int:
    """Return `at` as milliseconds since 1970."""
    return round(at.timestamp() * 1000)
