"""Progress of an audit: a bar on a terminal, a line for each host elsewhere, nothing when it is to be quiet."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from auditor.cli.terminal import err, plain
from auditor.model.collected import HostEvidence
from auditor.model.inventory import Target
from auditor.reports.visible import visible


class HostProgress:
    """Tells on standard error which hosts are being asked and how many are done."""

    def __init__(self, total: int, *, quiet: bool = False, standing: Callable[[], str] = str) -> None:
        """Count up to `total` hosts; `standing` says how far parts of the fleet are, where others ask the hosts."""
        self._total = total
        self._done = 0
        self._quiet = quiet
        self._standing = standing
        self._asking: dict[str, None] = {}
        self._bar: Progress | None = None
        if err.is_terminal and not quiet:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[names]}", markup=False),
                console=err,
                transient=True,
            )
            self._task = self._bar.add_task("Asking hosts", total=total, names="")

    def __enter__(self) -> Self:
        """Show the bar."""
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()

    def started(self, target: Target) -> None:
        """A host is being asked now."""
        self._asking[target.name] = None
        self._show()

    def finished(self, host: HostEvidence) -> None:
        """A host is done."""
        self._done += 1
        self._asking.pop(host.target.name, None)
        self._show()
        if self._bar is None and not self._quiet:
            seconds = (host.finished_at - host.started_at).total_seconds()
            end = "" if host.complete else ", incomplete"
            line = f"[{self._done}/{self._total}] {host.target.name}: {len(host.evidence.observations)} observations"
            err.print(plain(f"{line} in {seconds:.1f} s{end}"), soft_wrap=True)

    def _show(self) -> None:
        if self._bar:
            names = visible(", ".join(list(self._asking)[:3])) + (" …" if len(self._asking) > 3 else "")
            names = visible(self._standing()) or names
            self._bar.update(self._task, completed=self._done, names=names)
