"""The rules of the source tree as a checker: who may import what, who may reach the network, clock or environment.

It reads source with `ast` and runs nothing. The table `MAY_IMPORT` is the whole of the dependency rule.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OURS = ("auditor", "checks", "report_templates")
ANYTHING = "*"
VERSION = "auditor.__version__"

MAY_IMPORT: dict[str, set[str]] = {
    "auditor/model": set(),
    "auditor/profiles": {"auditor.model", "pydantic"},
    "auditor/inventory": {"auditor.model", "pydantic", "yaml"},
    "auditor/dialects": {"auditor.model"},
    "auditor/trust": {"auditor.model", "cryptography"},
    "auditor/wire": {
        "auditor.model", VERSION, "httpx", "httpcore", "h11", "asyncssh", "cryptography.exceptions",
        "cryptography.hazmat", "dns",
    },
    "auditor/probes": {"auditor.model", "auditor.wire", "auditor.dialects"},
    "auditor/engine": {"auditor.model", "auditor.trust", "auditor.wire", "auditor.probes", "auditor.dialects"},
    "auditor/reports": {
        "auditor.model", VERSION, "report_templates", "cssselect2", "jinja2", "jsonschema", "markupsafe", "msgspec",
        "pikepdf", "pydantic", "weasyprint",
    },
    "auditor/signing": {"asn1crypto", "cryptography", "pyhanko", "pyhanko_certvalidator"},
    "auditor/verification": {
        "auditor.model", "auditor.wire", "auditor.engine", "auditor.reports", "auditor.signing", "msgspec",
    },
    "auditor/history": {"auditor.model", "alembic", "msgspec", "sqlalchemy"},
    "auditor/sites": {
        "auditor.model", "auditor.engine", "auditor.probes", "auditor.reports", "auditor.wire", "msgspec", "psycopg",
        "procrastinate",
    },
    "auditor/sites/database": {"psycopg", "procrastinate"},
    "auditor/demo": {"auditor.model", "auditor.profiles", "asyncssh", "cryptography", "dns", "yaml"},
    "auditor/cli": {ANYTHING},
    "auditor/__main__.py": {"auditor.cli"},
    "auditor/__init__.py": set(),
    "checks": {"auditor.model"},
    "report_templates": set(),
}  # fmt: skip
"""Folder (or file) → what it may import beside the standard library and its own folder. `checks` and the demonstration
fleet stand in no row: only the command line, the composition root, imports them."""

NETWORK_FOLDERS = ("auditor/wire", "auditor/demo")
"""The door to the network, and the simulated devices, which serve it."""

NETWORK_MODULES = {
    "asynchat", "asyncore", "asyncssh", "ctypes", "dns", "ftplib", "h11", "http", "httpcore", "httpx", "imaplib",
    "multiprocessing", "nntplib", "poplib", "requests", "select", "selectors", "smtplib", "socket", "socketserver",
    "ssl", "subprocess", "telnetlib", "urllib.request", "urllib3", "webbrowser", "wsgiref", "xmlrpc",
}  # fmt: skip

NETWORK_ALLOWED = {
    ("auditor/cli/assembly.py", "ssl"): "it prints the library's version and opens nothing",
    ("auditor/cli/credentials.py", "subprocess"): "it runs the operator's own command for a password, without a shell",
    (
        "auditor/reports/workers.py",
        "multiprocessing",
    ): "it lays out parts of a report in processes of its own, by pipes",
}
"""File and module → why it stands outside the door all the same."""

NETWORK_CALLS = {
    "create_connection", "create_datagram_endpoint", "create_server", "create_subprocess_exec",
    "create_subprocess_shell", "create_unix_connection", "getaddrinfo", "getnameinfo", "open_connection",
    "open_unix_connection", "popen", "sock_connect", "start_server", "start_tls", "start_unix_server", "system",
}  # fmt: skip
"""Functions of `asyncio`, `os` and loops that reach the network or start programs, by whatever name they are called."""

DATABASE_FOLDERS = ("auditor/sites",)
DATABASE_MODULES = {"procrastinate", "psycopg", "psycopg_pool"}
"""What the optional extra brings: only these folders import it, so everything else works without it."""

CLOCK_FOLDERS = ("auditor/wire", "auditor/demo", "auditor/cli")
CLOCK_AND_ENVIRONMENT = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "os.environ",
    "os.environb", "os.getenv",
}  # fmt: skip

DYNAMIC = {"__import__", "import_module", "exec", "eval"}
DYNAMIC_IMPORT_ALLOWED: frozenset[str] = frozenset()
"""Files that may import by a name made at run time. None does."""

FAMILIES = re.compile(r"\b(?:mxp|mps|vcs)\b|\A\s*tms\s*\Z", re.IGNORECASE)
"""Names of families. `tms` is also a word of the contracts (the inventory's section, the controls' identifiers), so
only a string that is nothing else counts, and not where the contract's key is read or written."""

FAMILY_FOLDERS = ("auditor/demo",)
CONTRACT_KEYS = {
    "auditor/inventory": {"tms"},
    "auditor/reports": {"tms"},
    "auditor/verification": {"tms"},
}
"""Folder → strings that are keys of a published contract there (product.md section 5), not names of a family."""


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """One line that breaks a rule."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        """Return it as an editor can follow it."""
        return f"{self.file}:{self.line}: {self.what}"


def breaches_of(source: str, file: str) -> list[Breach]:
    """Return every breach in a file's source; `file` is its path from the root, with slashes."""
    tree = ast.parse(source)
    found = [
        *_imports(tree, file),
        *_network(tree, file),
        *_database(tree, file),
        *_dynamic(tree, file),
        *_clock(tree, file),
        *_families(tree, file),
    ]
    return sorted(found)


def sources(root: Path) -> Iterator[Path]:
    """Yield every Python file that ships."""
    for folder in OURS:
        yield from sorted((root / folder).rglob("*.py"))


def row_of(file: str) -> str | None:
    """Return the row of the table that rules a file."""
    rows = [row for row in MAY_IMPORT if file == row or file.startswith(row + "/")]
    return max(rows, key=len, default=None)


def _inside(file: str, folders: tuple[str, ...]) -> bool:
    return any(file.startswith(folder + "/") for folder in folders)


def _imported(tree: ast.AST) -> Iterator[tuple[int, int, str]]:
    """Yield line, relative level and full dotted name of everything that is imported, wherever it stands."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield node.lineno, 0, alias.name
            case ast.ImportFrom(module=module, names=names, level=level):
                for alias in names:
                    yield node.lineno, level, ".".join(part for part in (module, alias.name) if part)


def _matches(name: str, allowed: set[str]) -> bool:
    return any(name == each or name.startswith(each + ".") for each in allowed)


def _imports(tree: ast.AST, file: str) -> Iterator[Breach]:
    row = row_of(file)
    if row is None:
        yield Breach(file, 1, "no row of the table says what this folder may import")
        return
    allowed, home = MAY_IMPORT[row], row.removesuffix(".py").replace("/", ".")
    for line, level, name in _imported(tree):
        if level:
            if not file.startswith("checks/") or level > 1:
                yield Breach(file, line, f"relative import {'.' * level}{name}")
        elif file.startswith("checks/") and _matches(name, {"checks"}):
            yield Breach(file, line, f"{name}: siblings are imported relatively here")
        elif ANYTHING not in allowed and not _matches(name, allowed | {home}) and not _is_standard(name):
            yield Breach(file, line, f"{row} may not import {name}")


def _is_standard(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


def _network(tree: ast.AST, file: str) -> Iterator[Breach]:
    if _inside(file, NETWORK_FOLDERS):
        return
    for line, level, name in _imported(tree):
        reaches = _matches(name, NETWORK_MODULES) or name.rpartition(".")[2] in NETWORK_CALLS
        allowed = {module for place, module in NETWORK_ALLOWED if place == file}
        if reaches and not level and not _matches(name, allowed):
            yield Breach(file, line, f"{name} belongs to auditor/wire")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in NETWORK_CALLS:
            yield Breach(file, node.lineno, f"{node.attr} belongs to auditor/wire")


def _database(tree: ast.AST, file: str) -> Iterator[Breach]:
    if _inside(file, DATABASE_FOLDERS):
        return
    for line, level, name in _imported(tree):
        if not level and _matches(name, DATABASE_MODULES):
            yield Breach(file, line, f"{name} is part of an extra and belongs to auditor/sites")


def _dynamic(tree: ast.AST, file: str) -> Iterator[Breach]:
    if file in DYNAMIC_IMPORT_ALLOWED:
        return
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
        if name in DYNAMIC:
            yield Breach(file, getattr(node, "lineno", 1), f"{name}: what is imported must be readable in the source")
    for line, _, imported in _imported(tree):
        if imported.rpartition(".")[2] in DYNAMIC or _matches(imported, {"runpy", "imp"}):
            yield Breach(file, line, f"{imported}: what is imported must be readable in the source")


def _clock(tree: ast.AST, file: str) -> Iterator[Breach]:
    if _inside(file, CLOCK_FOLDERS):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            if ".".join(dotted.split(".")[-2:]) in CLOCK_AND_ENVIRONMENT:
                yield Breach(file, node.lineno, f"{dotted}: time and environment are arguments here")
    for line, level, name in _imported(tree):
        if not level and name in CLOCK_AND_ENVIRONMENT:
            yield Breach(file, line, f"{name}: time and environment are arguments here")


def _families(tree: ast.AST, file: str) -> Iterator[Breach]:
    if _inside(file, FAMILY_FOLDERS):
        return
    keys = set[str]().union(*(keys for folder, keys in CONTRACT_KEYS.items() if _inside(file, (folder,))))
    prose = {id(statement.value) for statement in ast.walk(tree) if isinstance(statement, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in prose:
            continue
        if FAMILIES.search(node.value) and node.value not in keys:
            yield Breach(file, node.lineno, f"a family's name in {node.value[:40]!r}: products are data")
