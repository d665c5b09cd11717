"""Installing, again and again, beside a history, and with sites that come and go."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from auditor.history import intervals, open_history, record, runs
from auditor.sites.database import (
    CENTRE_ROLE,
    DatabaseError,
    add_site,
    connect,
    install,
    remove_site,
    role_of,
    site_of,
    sites,
)
from tests.history.snapshots import MET, host, snapshot, verdict
from tests.postgresql import OWNER, Cluster, cluster, needs_postgresql
from tests.sites.database.installed import DATABASE, INSTALLER, Installed, make_owner

SHAPE = (
    "SELECT format('%s %s', relname, relacl) FROM pg_class WHERE relnamespace = 'auditor_sites'::regnamespace"
    " UNION SELECT format('%s %s', attname, attacl) FROM pg_attribute WHERE attacl IS NOT NULL"
    " UNION SELECT format('%s %s', proname, proacl) FROM pg_proc WHERE pronamespace = 'auditor_sites'::regnamespace"
    " UNION SELECT format('%s %s %s', tablename, policyname, qual) FROM pg_policies ORDER BY 1"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A cluster with an owner for databases who is no superuser."""
    with cluster() as started:
        make_owner(started)
        yield started


@pytest.fixture
def database(server: Cluster) -> Iterator[Installed]:
    """An empty database."""
    server.new_database(DATABASE, owner=INSTALLER)
    yield Installed(server)
    server.drop_database(DATABASE)


@needs_postgresql
async def test_installing_twice_changes_nothing(database: Installed) -> None:
    """The second time there is nothing to apply, and rights that somebody gave by hand are taken back."""
    applied = await install(database.url(INSTALLER))
    assert applied == ("engine", "0001_inbox.sql")
    shape = database.all_seeing(SHAPE)
    with psycopg.connect(database.url(INSTALLER), autocommit=True) as connection:
        connection.execute("GRANT DELETE ON auditor_sites.inbox TO auditor_site")
        connection.execute("GRANT UPDATE (lock) ON auditor_sites.procrastinate_jobs TO auditor_site")
    assert database.all_seeing(SHAPE) != shape
    assert await install(database.url(INSTALLER)) == ()
    assert database.all_seeing(SHAPE) == shape


@needs_postgresql
async def test_a_newer_engine_migrates_what_an_older_one_made(
    database: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its new migrations are applied once, in its own schema, within the same transaction as ours."""
    await install(database.url(INSTALLER))
    newer = Path(shutil.copytree(SchemaManager.get_migrations_path(), tmp_path / "migrations"))
    (newer / "99.00.00_01_pre_more.sql").write_text("CREATE TABLE procrastinate_more ();\nSELECT '%s %';\n")
    monkeypatch.setattr(SchemaManager, "get_migrations_path", staticmethod(lambda: str(newer)))
    assert await install(database.url(INSTALLER)) == ("engine/99.00.00_01_pre_more.sql",)
    assert await install(database.url(INSTALLER)) == ()
    assert database.all_seeing("SELECT to_regclass('auditor_sites.procrastinate_more') IS NULL") == [(False,)]
    (newer / "99.00.00_02_pre_wrong.sql").write_text("CREATE TABLE procrastinate_half (); SELECT 1 / 0;")
    with pytest.raises(DatabaseError, match="cannot be prepared: division by zero"):
        await install(database.url(INSTALLER))
    assert database.all_seeing("SELECT to_regclass('auditor_sites.procrastinate_half') IS NULL") == [(True,)]


@needs_postgresql
@pytest.mark.parametrize("history_first", [True, False])
async def test_a_history_lives_in_the_same_database(database: Installed, *, history_first: bool) -> None:
    """Whichever comes first; the centre writes and reads it, and a site's role does not find it."""
    audit = snapshot(1, host("rm1", {"a.b": verdict(MET)}))
    if history_first:
        with psycopg.connect(database.url(OWNER), autocommit=True) as connection:
            connection.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
        record(open_history(database.url(OWNER), create=True), audit)
    await install(database.url(INSTALLER))
    user = database.url(OWNER) if history_first else database.centre
    record(open_history(user, create=True), audit)
    await install(database.url(INSTALLER))
    again = open_history(user, create=False)
    assert [each.audit for each in runs(again)] == [audit.audit]
    assert len(intervals(again)) == 1
    tables = database.all_seeing("SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace")
    assert {("public", "run_host"), ("public", "alembic_version"), ("auditor_sites", "inbox")} <= set(tables)
    await add_site(database.url(INSTALLER), "oslo")
    with psycopg.connect(database.site("oslo"), autocommit=True) as connection:
        for table in (b"finding", b"run", b"alembic_version"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(b"TABLE public." + table)


@needs_postgresql
async def test_sites_come_and_go(database: Installed) -> None:
    """A role that is taken away can do nothing from then on, even where it is logged in."""
    await install(database.url(INSTALLER))
    assert await add_site(database.url(INSTALLER), "oslo") == "auditor_site_oslo"
    assert await add_site(database.url(INSTALLER), "oslo") == "auditor_site_oslo"
    await add_site(database.url(INSTALLER), "a_b-9")
    async with connect(database.centre) as centre:
        assert await sites(centre) == ("a_b-9", "oslo")
        with psycopg.connect(database.site("oslo"), autocommit=True) as open_session:
            open_session.execute("SELECT * FROM procrastinate_jobs")
            open_session.execute("SELECT lo_create(0)")
            assert await remove_site(database.url(INSTALLER), "oslo")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                open_session.execute("SELECT * FROM auditor_sites.procrastinate_jobs")
        assert await sites(centre) == ("a_b-9",)
    assert not await remove_site(database.url(INSTALLER), "oslo")
    assert await remove_site(database.url(INSTALLER), "a_b-9")


@needs_postgresql
async def test_a_role_with_more_rights_is_no_sites_role(database: Installed) -> None:
    """Row policies would not hold it, or it would reach another site through a membership."""
    await install(database.url(INSTALLER))
    await add_site(database.url(INSTALLER), "bergen")
    with psycopg.connect(database.url(OWNER), autocommit=True) as connection:
        connection.execute("CREATE ROLE auditor_site_above LOGIN BYPASSRLS")
        connection.execute("CREATE ROLE auditor_site_member LOGIN IN ROLE auditor_site_bergen")
        try:
            with pytest.raises(DatabaseError, match="auditor_site_above exists and may bypass row security"):
                await add_site(database.url(INSTALLER), "above")
            with pytest.raises(DatabaseError, match="exists and is a member of auditor_site_bergen"):
                await add_site(database.url(INSTALLER), "member")
        finally:
            connection.execute("DROP ROLE auditor_site_above, auditor_site_member")


@needs_postgresql
async def test_whoever_may_not_install_is_told(database: Installed) -> None:
    """The whole transaction is undone, and the sentence says why."""
    with psycopg.connect(database.url(OWNER), autocommit=True) as connection:
        connection.execute("CREATE ROLE nobody LOGIN")
        connection.execute("ALTER SCHEMA public OWNER TO auditor")
        connection.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
    with pytest.raises(DatabaseError, match="cannot be prepared: permission denied"):
        await install(database.url("nobody"))
    with pytest.raises(DatabaseError, match="everybody may create objects in it"):
        await install(database.url(INSTALLER))
    assert database.all_seeing("SELECT to_regnamespace('auditor_sites') IS NULL") == [(True,)]
    with pytest.raises(DatabaseError, match="The site cannot be added: permission denied"):
        await add_site(database.url(CENTRE_ROLE), "oslo")


@pytest.mark.parametrize("site", ["", "Oslo", "a b", "-a", "a-", "a" * 49, "ø", 'a"b', "a'; --", "a\n", "a.b"])
async def test_a_name_that_cannot_be_a_sites_is_refused(site: str) -> None:
    """Before anybody is called."""
    with pytest.raises(ValueError, match="cannot be a site"):
        await add_site("host=/nowhere", site)
    with pytest.raises(ValueError, match="cannot be a site"):
        await remove_site("host=/nowhere", site)


@pytest.mark.parametrize("site", ["a", "oslo", "a_b-9", "a" * 48])
def test_a_sites_role_says_which_site(site: str) -> None:
    """And fits into a name of the server."""
    assert len(role_of(site)) <= 63
    assert site_of(role_of(site)) == site
    assert site_of(site) is None


@pytest.mark.parametrize(
    "dsn", ["postgresql://u:hunter2@127.0.0.1:1/d", "host=127.0.0.1 port=1 password=hunter2 user", "password='hunter2"]
)
async def test_no_message_has_the_password(dsn: str) -> None:
    """Neither of an address that is wrong nor of a server that is not there."""
    with pytest.raises(DatabaseError) as told:
        await install(dsn)
    shown: BaseException | None = told.value
    while shown is not None:
        assert "hunter2" not in str(shown)
        shown = shown.__cause__


def test_without_the_extra_everything_else_works(tmp_path: Path) -> None:
    """The command line starts, and shows a control, where neither driver nor engine can be imported."""
    program = (
        "import sys\n"
        "for name in ('psycopg', 'psycopg_pool', 'procrastinate', 'psycopg_binary'):\n"
        "    sys.modules[name] = None\n"
        "import auditor\n"
        "from auditor.__main__ import main\n"
        "sys.argv = ['auditor', 'controls', 'list']\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "services.telnet-off" in done.stdout
