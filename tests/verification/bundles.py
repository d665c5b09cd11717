"""A bundle to be attacked, and what attackers do to bundles."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor import __version__
from auditor.cli.assembly import Assembly, library_versions
from auditor.cli.perform import judge_bundle, write_reports
from auditor.reports.bundle import AUDIT, EVIDENCE, MANIFEST, SIGNATURE, TRANSCRIPT
from auditor.reports.registry import REPORTS, report_named
from auditor.reports.transcript import START, chained_line, last_chain
from auditor.signing.keys import SecretKey
from auditor.signing.signature import sign
from auditor.verification.bundle import verify_bundle
from auditor.verification.outcome import Check, State
from auditor.verification.verdicts import Today

KEY = SecretKey(bytes(range(8)), bytes(range(32)))
FORMATS = ("html", "json", "ocsf")
Line = dict[str, Any]
PASSED, FAILED, NOT_CHECKED = State.PASSED, State.FAILED, State.NOT_CHECKED


@dataclass(frozen=True)
class Audited:
    """A bundle of a real, small audit with credentials, signed with `KEY`. `assembly` is the program that made it."""

    folder: Path
    assembly: Assembly

    def copy(self, place: Path) -> "Audited":
        """Return a copy to be attacked."""
        shutil.copytree(self.folder, place)
        return Audited(place, self.assembly)

    def today(self, versions: Mapping[str, str] | None = None) -> Today:
        """Return this program, perhaps with other libraries."""
        return Today(
            tool_version=__version__,
            catalogue_digest=self.assembly.catalogue_digest,
            profiles_digest=self.assembly.profiles_digest,
            versions=library_versions() if versions is None else versions,
            reports=REPORTS,
        )

    def checks(
        self,
        *,
        key: SecretKey | None = None,
        versions: Mapping[str, str] | None = None,
        skip: Sequence[str] = (),
    ) -> dict[str, Check]:
        """Verify, and return the checks by name."""
        made = verify_bundle(
            self.folder,
            key=None if key is None else key.public(),
            judge=lambda: judge_bundle(self.assembly, self.folder),
            today=self.today(versions),
            profiles=self.assembly.profiles,
            skip=skip,
        )
        assert len({check.name for check in made}) == len(made)
        return {check.name: check for check in made}

    def failures(self, *, key: SecretKey | None = None, skip: Sequence[str] = ()) -> set[str]:
        """Return the names of the checks that failed."""
        return {name for name, check in self.checks(key=key, skip=skip).items() if check.state is FAILED}

    def sign(self) -> None:
        """Sign the manifest."""
        content = (self.folder / MANIFEST).read_bytes()
        (self.folder / SIGNATURE).write_bytes(sign(content, KEY, "timestamp:1"))

    def edit(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Change a file's bytes; they must differ."""
        before = (self.folder / name).read_bytes()
        after = change(before)
        assert after != before
        (self.folder / name).write_bytes(after)

    def edit_json(self, name: str, change: Callable[[Any], None]) -> None:
        """Change a JSON document in the form in which it was written."""
        document = json.loads((self.folder / name).read_text())
        change(document)
        text = json.dumps(document, indent=1 if name == AUDIT else 2, ensure_ascii=False)
        (self.folder / name).write_text(text + "\n")

    def rehash(self) -> None:
        """Write the digests of all files into the manifest, as an attacker does."""

        def change(manifest: Any) -> None:
            names = sorted(p.name for p in self.folder.iterdir() if p.is_file() and p.name not in (MANIFEST, SIGNATURE))
            manifest["files"] = {name: _row(self.folder / name) for name in names}
            manifest["transcript_chain"] = last_chain(self.folder / TRANSCRIPT)

        self.edit_json(MANIFEST, change)

    def remake(self, formats: Sequence[str] = FORMATS) -> None:
        """Make every report and the manifest again from the evidence that lies there now."""
        run = judge_bundle(self.assembly, self.folder)
        reports = [report_named(name) for name in formats]
        assert write_reports(run, self.folder, reports, self.assembly.profiles_digest) == ()

    def lines(self) -> list[Line]:
        """Return the lines of the transcript without their chain."""
        lines = [json.loads(line) for line in (self.folder / TRANSCRIPT).read_bytes().splitlines()]
        return [{key: value for key, value in line.items() if key != "chain"} for line in lines]

    def write_lines(self, lines: Sequence[Line]) -> None:
        """Write a transcript that is chained anew, state its head and its length in the evidence, and remake all."""
        chain = self.write_lines_only(lines)
        head, *hosts, end = (self.folder / EVIDENCE).read_bytes().splitlines()
        stated = [json.dumps(json.loads(host) | {"transcript_chain": chain}).encode() for host in hosts]
        (self.folder / EVIDENCE).write_bytes(b"\n".join((head, *stated, end)) + b"\n")
        self.remake()

    def write_lines_only(self, lines: Sequence[Line]) -> str:
        """Write a transcript that is chained anew, state its head and length in the evidence's end; return the head."""
        chain, written = START, b""
        for line in lines:
            made, chain = chained_line(chain, line)
            written += made
        (self.folder / TRANSCRIPT).write_bytes(written)
        *rest, end = (self.folder / EVIDENCE).read_bytes().splitlines()
        record = json.loads(end)
        refused = sum(not line["permitted"] for line in lines)
        record["end"] |= {
            "requests_made": len(lines) - refused, "requests_refused": refused, "transcript_chain": chain,
        }  # fmt: skip
        (self.folder / EVIDENCE).write_bytes(b"\n".join((*rest, json.dumps(record).encode())) + b"\n")
        return chain


def _row(path: Path) -> dict[str, object]:
    return {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
