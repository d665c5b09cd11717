"""The dependency rule holds in every file that ships, and the checker itself catches what breaks it."""

from pathlib import Path

import pytest

from tests.architecture.arrows import MAY_IMPORT, breaches_of, row_of, sources

ROOT = Path(__file__).resolve().parents[2]
FILES = [path.relative_to(ROOT).as_posix() for path in sources(ROOT)]


@pytest.mark.parametrize("file", FILES)
def test_every_file_keeps_the_rules(file: str) -> None:
    """Imports, network, clock, environment and names of families, file by file."""
    breaches = breaches_of((ROOT / file).read_text(encoding="utf-8"), file)
    assert not breaches, "\n".join(str(breach) for breach in breaches)


def test_every_folder_has_a_row() -> None:
    """A new folder must say what it may import, and a row without files is a mistake."""
    assert {row_of(file) for file in FILES} >= {row for row in MAY_IMPORT if (ROOT / row).exists()}
    assert None not in {row_of(file) for file in FILES}


@pytest.mark.parametrize(
    ("file", "source", "what"),
    [
        ("auditor/model/x.py", "import httpx", "may not import httpx"),
        ("auditor/model/x.py", "from auditor.wire.gate import Gate", "may not import auditor.wire.gate.Gate"),
        ("auditor/model/x.py", "def f():\n    import auditor.engine", "may not import auditor.engine"),
        (
            "auditor/model/x.py",
            "if TYPE_CHECKING:\n    from auditor.engine import x",
            "may not import auditor.engine.x",
        ),
        ("auditor/model_x.py", "import os", "no row"),
        ("auditor/trust/x.py", "from auditor.wire import tls", "may not import"),
        ("auditor/wire/x.py", "from auditor.probes.interface import Probe", "may not import"),
        ("auditor/wire/x.py", "from auditor import probes", "may not import auditor.probes"),
        ("auditor/probes/x.py", "from auditor.engine.plan import plan", "may not import"),
        ("auditor/probes/x.py", "import asyncssh", "belongs to auditor/wire"),
        ("auditor/engine/x.py", "from checks import CONTROLS", "may not import checks.CONTROLS"),
        ("auditor/engine/x.py", "from auditor.demo import fleet", "may not import auditor.demo.fleet"),
        ("auditor/reports/x.py", "from auditor.engine import judge", "may not import"),
        ("auditor/__init__.py", "from auditor.model import facts", "may not import"),
        ("checks/a/x.py", "from auditor.wire import gate", "may not import"),
        ("checks/a/x.py", "import pydantic", "may not import pydantic"),
        ("checks/a/x.py", "from checks.a import y", "relatively"),
        ("checks/a/x.py", "from ..b import y", "relative import ..b.y"),
        ("auditor/engine/x.py", "from .plan import plan", "relative import .plan.plan"),
        ("auditor/engine/x.py", "import socket", "belongs to auditor/wire"),
        ("auditor/engine/x.py", "import socket as calm", "belongs to auditor/wire"),
        ("auditor/engine/x.py", "from urllib import request", "belongs to auditor/wire"),
        ("auditor/engine/x.py", "import urllib.request", "belongs to auditor/wire"),
        ("auditor/cli/x.py", "import subprocess", "belongs to auditor/wire"),
        ("auditor/cli/x.py", "from procrastinate import App", "belongs to auditor/sites"),
        ("auditor/cli/x.py", "def f():\n    import psycopg.sql", "belongs to auditor/sites"),
        ("auditor/cli/x.py", "from http.client import HTTPConnection", "belongs to auditor/wire"),
        (
            "auditor/engine/x.py",
            "import asyncio\nasync def f():\n    await asyncio.open_connection()",
            "open_connection",
        ),
        ("auditor/engine/x.py", "from asyncio import open_connection as o", "open_connection"),
        ("auditor/engine/x.py", "loop.create_datagram_endpoint(f)", "create_datagram_endpoint"),
        ("auditor/engine/x.py", "import os\nos.system('x')", "system belongs"),
        ("auditor/engine/x.py", "x = __import__('socket')", "__import__"),
        ("auditor/engine/x.py", "import importlib\nimportlib.import_module('x')", "import_module"),
        ("auditor/engine/x.py", "from importlib import import_module", "import_module"),
        ("auditor/engine/x.py", "eval('1')", "eval"),
        ("auditor/engine/x.py", "from datetime import datetime\nx = datetime.now()", "time and environment"),
        ("auditor/engine/x.py", "import datetime as d\nx = d.datetime.now()", "time and environment"),
        ("checks/a/x.py", "import os\nx = os.environ['A']", "time and environment"),
        ("checks/a/x.py", "from os import environ", "time and environment"),
        ("auditor/engine/x.py", "if family == 'mxp':\n    pass", "a family's name in 'mxp'"),
        ("auditor/engine/x.py", "x = f'an MXP {y}'", "a family's name"),
        ("checks/a/x.py", "x = {'vcs': 1}", "a family's name in 'vcs'"),
        ("auditor/engine/x.py", "x = family == 'tms'", "a family's name in 'tms'"),
    ],
)
def test_the_checker_catches(file: str, source: str, what: str) -> None:
    """Each way to break a rule is found, with its file and line."""
    breaches = breaches_of(source, file)
    assert any(what in breach.what for breach in breaches), breaches
    assert all(str(breach).startswith(f"{file}:{breach.line}: ") for breach in breaches)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("auditor/model/x.py", "import re\nfrom auditor.model.facts import Fact"),
        ("auditor/wire/x.py", "import socket, ssl, asyncio, httpx\nasyncio.open_connection()\nimport dns.message"),
        ("auditor/probes/x.py", "from auditor.wire.gate import Gate\nfrom auditor.model import facts"),
        ("auditor/engine/x.py", "import asyncio\nasync def f():\n    async with asyncio.timeout(1):\n        pass"),
        ("auditor/engine/x.py", "import time\nx = time.monotonic()"),
        ("auditor/reports/x.py", "from importlib.resources import files\nfrom urllib.parse import quote"),
        (
            "auditor/cli/x.py",
            "import typer\nfrom checks import CONTROLS\nimport datetime as d\nd.datetime.now()",
        ),
        ("auditor/demo/x.py", "import asyncio\nx = 'mxp'\nasyncio.start_server()"),
        ("auditor/inventory/x.py", "x = document['tms']"),
        ("checks/__init__.py", "from .services import telnet_off"),
        ("checks/a/x.py", "from .b import c\nfrom auditor.model.control import control\nx = 'tms.https-on'"),
        ("checks/a/x.py", '"""MXP systems do so."""\nx = "vcs_verify_mode"'),
    ],
)
def test_the_checker_leaves_in_peace(file: str, source: str) -> None:
    """What the rules permit passes."""
    assert breaches_of(source, file) == []


def test_a_breach_names_its_line() -> None:
    """File and line, so that an editor can go there."""
    [breach] = breaches_of('"""Text."""\n\nimport socket\n', "auditor/engine/x.py")
    assert str(breach) == "auditor/engine/x.py:3: socket belongs to auditor/wire"
