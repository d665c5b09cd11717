"""`auditor export`: hand the findings of a bundle over to a collector. Only on request, and only to the one named."""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from auditor.cli.changes import ChangesOnly, Since, narrowed
from auditor.cli.exits import Exit
from auditor.cli.options import BundleFolder, Quiet, load_assembly, stop
from auditor.cli.perform import judge_bundle
from auditor.cli.remember import HistoryPlace
from auditor.cli.terminal import err, plain
from auditor.reports.change_view import sentence
from auditor.reports.evidence_file import EvidenceFileError
from auditor.reports.interface import ReportError, UnknownFormatError
from auditor.reports.syslog import FORMS, syslog_messages
from auditor.wire.syslog_tls import PORT, Collector, CollectorError, KeyFileError, hand_over, own_name

SCHEME = "syslog+tls"
"""The one way of handing over that there is: syslog over TLS (RFC 5425)."""


def export(
    bundle: BundleFolder,
    to: Annotated[
        str,
        typer.Option("--to", metavar="URL", help=f"Collector: {SCHEME}://HOST[:PORT]; the port is {PORT} by default."),
    ],
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help=f"What each message holds: {', '.join(FORMS)}.")
    ] = "ocsf",
    ca: Annotated[
        Path | None,
        typer.Option("--ca", metavar="FILE", help="Authorities to trust (PEM). Default: those of the system."),
    ] = None,
    client_cert: Annotated[
        Path | None, typer.Option("--client-cert", metavar="FILE", help="Certificate of this client (PEM).")
    ] = None,
    client_key: Annotated[
        Path | None, typer.Option("--client-key", metavar="FILE", help="Its private key (PEM).")
    ] = None,
    key_password_env: Annotated[
        str | None,
        typer.Option("--client-key-password-env", metavar="NAME", help="Variable that holds the key's password."),
    ] = None,
    sender: Annotated[
        str | None,
        typer.Option("--sender", metavar="NAME", help="Name of this machine in the messages. Default: its own."),
    ] = None,
    changes_only: ChangesOnly = False,
    since: Since = None,
    history: HistoryPlace = None,
    quiet: Quiet = False,
) -> None:
    """Send each finding of a bundle as one syslog message over TLS. The collector's certificate is always verified.

    With --changes-only, the last message says what was left out. Syslog has no acknowledgement: what is reported is
    that the messages were handed over, not that they arrived.
    """
    if (client_cert is None) != (client_key is None):
        stop("--client-cert and --client-key belong together.", Exit.USAGE)
    host, port = address_in(to)
    if form not in FORMS:
        stop(f"--format {form}: known formats are {', '.join(FORMS)}.", Exit.USAGE)
    collector = Collector(
        host=host, port=port, ca=ca, client_certificate=client_cert, client_key=client_key,
        key_password=_password(key_password_env),
    )  # fmt: skip
    assembly = load_assembly()
    try:
        judged = judge_bundle(assembly, bundle)
        run = narrowed(judged, assembly, changes_only=changes_only, since=since, history=history)
        done = hand_over(collector, syslog_messages(run, form, sender or own_name()))
    except (EvidenceFileError, KeyFileError, UnknownFormatError) as error:
        stop(str(error), Exit.USAGE)
    except (CollectorError, ReportError) as error:
        stop(str(error), Exit.FAULT)
    if not quiet and run.changes is not None:
        err.print(plain(sentence(run.changes)), soft_wrap=True)
    if not quiet:
        err.print(
            plain(
                f"{done.messages:,} messages ({done.sent_bytes:,} bytes) handed over to {collector.where} "
                f"by {done.version}. Syslog has no acknowledgement: look there whether they arrived."
            ),
            soft_wrap=True,
        )


def address_in(url: str) -> tuple[str, int]:
    """Return host and port of a collector's address, or end the command where it is none."""
    form = f"{SCHEME}://HOST:PORT"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        stop(f"--to {url}: {error}; wanted is {form}.", Exit.USAGE)
    if "@" in parts.netloc:
        stop(f"--to takes no user and no password; wanted is {form}.", Exit.USAGE)
    if parts.scheme != SCHEME or not host or parts.path not in {"", "/"} or parts.query or parts.fragment:
        stop(f"--to {url}: wanted is {form}, and nothing more.", Exit.USAGE)
    if port == 0:
        stop(f"--to {url}: port 0 cannot be connected to.", Exit.USAGE)
    return host, PORT if port is None else port


def _password(name: str | None) -> str | None:
    if name is None:
        return None
    value = os.environ.get(name)
    if value is None:
        stop(f"--client-key-password-env: there is no variable {name} in the environment.", Exit.USAGE)
    return value
