"""`report.pdf`: the external auditor's document, tagged (PDF/UA-1) and fit to be kept (PDF/A-3a), in bounded memory.

It is laid out in parts by worker processes and joined. The same run gives the same bytes, whatever the number of
workers, with the same versions of the libraries. There is no date in it but the audit's.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version

from auditor.model.assessment import AuditRun
from auditor.model.control import GUIDE
from auditor.reports.detail import MOST_IN_A_VOLUME, Detail, detail_for
from auditor.reports.join import Attachment, Binder, Properties, pages_of
from auditor.reports.json_v1 import JsonReport
from auditor.reports.paper import Paper, paper
from auditor.reports.sheet import render_sheet
from auditor.reports.workers import laid_out, usual_workers

Progress = Callable[[str, int, int], None]
"""Called with the file's name, the hosts that are laid out, and the hosts in all."""

MEDIA_TYPE = "application/pdf"

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class PdfReport:
    """The report of the external auditor.

    `detail` is None where the size of the fleet decides. `workers` is None where the machine decides.
    """

    detail: Detail | None = None
    workers: int | None = None
    progress: Progress | None = field(default=None, compare=False)
    name: str = "pdf"
    file_name: str = "report.pdf"
    media_type: str = MEDIA_TYPE

    def render(self, run: AuditRun) -> bytes:
        """Return the document; above 1,000 hosts, the one without a part for each host.

        Raises `MissingLibraryError` where Pango is not installed.
        """
        detail = detail_for(len(run.hosts), self.detail)
        if len(run.hosts) > MOST_IN_A_VOLUME:
            detail = Detail.SUMMARY
        return self._document(run, detail, self.file_name)

    def render_files(self, run: AuditRun) -> Iterator[tuple[str, bytes]]:
        """Yield the document and, where detail of more than 1,000 hosts was asked for, a volume for each site."""
        yield self.file_name, self.render(run)
        if self.detail in {None, Detail.SUMMARY} or len(run.hosts) <= MOST_IN_A_VOLUME:
            return
        for volume, part in volumes(run):
            file_name = f"report-{volume}.pdf"
            yield file_name, self._document(part, self.detail, file_name, volume)

    def _document(self, run: AuditRun, detail: Detail, file_name: str, volume: str = "") -> bytes:
        made = paper(run, detail, volume)
        workers = self.workers or usual_workers()
        if len(run.hosts) < workers * 3 or not made.has_hosts:
            workers = 1
        done, hosts = 0, len(run.hosts) if made.has_hosts else 0
        where: dict[str, int] = {}
        front = _Front(made)
        with Binder() as binder:
            for sheet, part in laid_out(made.sheets(), workers, meanwhile=front.prepare):
                where |= binder.add(part, under=sheet.hosts > 0 and done > 0)
                done += sheet.hosts
                if self.progress:
                    self.progress(file_name, done, hosts)
            first, pages = front.laid_out(where)
            binder.add(first)
            attachment = Attachment(
                name="audit.json",
                media_type="application/json",
                description="The result of the audit, from which this document was made",
                content=front.result,
            )
            return binder.bound(_properties(made), (attachment,), pages)


class _Front:
    """Cover and contents: laid out once to learn how many pages they take, and again when all pages are known."""

    def __init__(self, made: Paper) -> None:
        self._made = made
        self._pages = 1
        self.result = b""

    def prepare(self) -> None:
        """Do what needs no other part, while the workers are busy."""
        self.result = JsonReport().render(self._made.run)
        self._pages = pages_of(self._laid_out({entry.anchor: 0 for entry in self._made.contents()}))

    def laid_out(self, where: dict[str, int]) -> tuple[bytes, int]:
        """Return the part and the number of its pages; `where` gives the page (from 0) of each place behind it."""
        while True:
            part = self._laid_out(where)
            taken = pages_of(part)
            if taken == self._pages:
                return part, taken
            self._pages = taken

    def _laid_out(self, where: dict[str, int]) -> bytes:
        entries = (entry for entry in self._made.contents() if entry.anchor in where)
        contents = tuple(replace(entry, page=where[entry.anchor] + self._pages + 1) for entry in entries)
        return render_sheet(self._made.front(contents, hashlib.sha256(self.result).hexdigest()))


def _properties(made: Paper) -> Properties:
    run = made.run
    return Properties(
        title=made.title,
        subject=f"Audit {run.id} against {GUIDE}",
        creator=f"auditor {run.tool_version}",
        producer=f"WeasyPrint {version('weasyprint')}, pikepdf {version('pikepdf')}",
        at=run.finished_at,
    )


def volumes(run: AuditRun) -> Iterator[tuple[str, AuditRun]]:
    """Yield the part of the run that is about each site, under a name that is fit for a file; none has over 1,000."""
    sites: dict[str, list[int]] = {}
    for index, host in enumerate(run.hosts):
        sites.setdefault(_UNSAFE.sub("-", host.target.site or "no-site").strip("-.") or "site", []).append(index)
    for site, members in sorted(sites.items()):
        for at in range(0, len(members), MOST_IN_A_VOLUME):
            hosts = tuple(run.hosts[index] for index in members[at : at + MOST_IN_A_VOLUME])
            names = {host.target.name for host in hosts}
            links = tuple(link for link in run.links if link.device in names)
            number = f"-{at // MOST_IN_A_VOLUME + 1}" if len(members) > MOST_IN_A_VOLUME else ""
            yield f"{site}{number}", replace(run, hosts=hosts, links=links)
