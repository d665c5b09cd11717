"""Collectors that prove by a certificate which site they are, from the command to the bundle."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from auditor.cli import many_sites
from auditor.cli.assembly import Assembly
from auditor.sites.database import CENTRE_ROLE, role_of
from auditor.sites.settings import CentreSettings, CollectorSettings, read_collector
from tests.postgresql import needs_postgresql
from tests.sites.database.guarded import Guarded, guarding, pair_of
from tests.sites.fleet import check, greeting
from tests.sites.world import start, stop_all, toml, until

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Run a server that lets in, over the network, who has a certificate for the role."""
    with guarding(tmp_path_factory.mktemp("pki")) as running:
        yield running


def collector(folder: Path, name: str, database: str) -> tuple[str, ...]:
    """Write the file of a collector of oslo, and return the command that runs it."""
    settings = CollectorSettings(
        database, ("127.0.0.0/8",), folder / f"spool-{name}", poll_seconds=0.2, heartbeat_seconds=0.5, drain_seconds=5.0
    )
    path = toml(folder / f"{name}.toml", settings)
    assert "sslmode=verify-full" in read_collector(path, "oslo").database
    return ("collector", "run", "--site", "oslo", "--config", str(path))


def came(guarded: Guarded, run: UUID) -> tuple[list[tuple[object, ...]], int]:
    """Return state and attempts of the run's jobs, and how many deliveries there are, as the superuser sees them."""
    with psycopg.connect(guarded.server.url(), autocommit=True) as connection:
        jobs = connection.execute("SELECT status::text, attempts FROM auditor_sites.procrastinate_jobs").fetchall()
        row = connection.execute("SELECT count(*) FROM auditor_sites.inbox WHERE run = %s", [run]).fetchone()
    assert row is not None
    return list(jobs), int(row[0])


async def test_a_collector_is_the_site_of_its_certificate(guarded: Guarded, assembly: Assembly, tmp_path: Path) -> None:
    """With another site's it takes no job and asks nobody, under whichever role it tries; with its own it delivers.

    The centre, which has a certificate as well, gathers what came.
    """
    centre = guarded.address(CENTRE_ROLE, pair_of(guarded.ours, CENTRE_ROLE))
    oslo, bergen = (pair_of(guarded.ours, role_of(site)) for site in ("oslo", "bergen"))
    plain = {
        "database": centre, "inventory": tmp_path, "state": tmp_path / "state", "bundles": tmp_path / "bundles",
        "sites": {"oslo": {"called": ["oslo", "bergen"]}}, "poll_seconds": 0.2,
    }  # fmt: skip
    settings = msgspec.convert(plain, CentreSettings, dec_hook=lambda _kind, value: value)
    wrong = {
        "other-certificate": (
            guarded.address(role_of("oslo"), bergen),
            'authentication failed for user "auditor_site_oslo"',
        ),
        "other-role": (guarded.address(role_of("bergen"), bergen), "The connection is not that of the site oslo"),
    }
    logs = {name: tmp_path / f"{name}.log" for name in (*wrong, "right")}
    async with greeting(4, 44) as fleet:
        run = await many_sites.begin(settings, assembly, fleet.inventory(), uuid4())
        strangers = [start(logs[name], *collector(tmp_path, name, address)) for name, (address, _) in wrong.items()]
        try:
            await until(lambda: all(logs[name].read_text().count(words) >= 2 for name, (_, words) in wrong.items()))
        finally:
            stop_all(*strangers)
        assert came(guarded, run.id) == ([("todo", 0)], 0)
        assert not fleet.greeted
        right = start(logs["right"], *collector(tmp_path, "right", guarded.address(role_of("oslo"), oslo)))
        try:
            performed = await many_sites.gathered(settings, assembly, run, tmp_path / "out", ("json",), signals=False)
            assert performed.run.complete, logs["right"].read_text()
            assert right.end() == 0
        finally:
            stop_all(right)
    check(tmp_path / "out", fleet)
    assert came(guarded, run.id) == ([("succeeded", 1)], 4)
