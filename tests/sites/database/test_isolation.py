"""A site's role against another site, on a real server: nothing of the other changes or shows, whatever is asked."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from tests.postgresql import OWNER, needs_postgresql
from tests.sites.database.installed import Installed, engine, installed

pytestmark = needs_postgresql

MARKER = "only-for-bergen"
RUN = UUID("8d2f5c1e-0000-4000-8000-000000000001")
EVERYTHING_ELSE = {
    "jobs": "SELECT * FROM auditor_sites.procrastinate_jobs WHERE queue_name <> 'oslo' ORDER BY id",
    "events": "SELECT event.* FROM auditor_sites.procrastinate_events AS event JOIN auditor_sites.procrastinate_jobs"
    " AS job ON job.id = job_id WHERE queue_name <> 'oslo' ORDER BY event.id",
    "workers": "SELECT * FROM auditor_sites.procrastinate_workers WHERE role <> 'auditor_site_oslo' ORDER BY id",
    "inbox": "SELECT * FROM auditor_sites.inbox WHERE site <> 'oslo' ORDER BY 1, 2, 3",
    "periodic": "SELECT * FROM auditor_sites.procrastinate_periodic_defers",
    "migrations": "SELECT * FROM auditor_sites.migration ORDER BY 1",
    "tables": "SELECT relname, relrowsecurity, relacl::text FROM pg_class WHERE relnamespace IN"
    " ('auditor_sites'::regnamespace, 'auditor_collector'::regnamespace, 'public'::regnamespace) ORDER BY 1",
    "policies": "SELECT * FROM pg_policies ORDER BY 1, 2, 3",
    "functions": "SELECT oid, proname, prosrc, proacl::text FROM pg_proc WHERE pronamespace IN"
    " ('auditor_sites'::regnamespace, 'auditor_collector'::regnamespace, 'public'::regnamespace) ORDER BY 1",
    "roles": "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles ORDER BY 1",
    "memberships": "SELECT roleid, member FROM pg_auth_members ORDER BY 1, 2",
    "schemas": "SELECT nspname FROM pg_namespace ORDER BY 1",
    "counters": "SELECT last_value FROM auditor_sites.procrastinate_jobs_id_seq",
}


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites with a job each that waits and one that runs, a result, and a worker; bergen's carry a marker."""
    with installed("oslo", "bergen") as made:
        asyncio.run(_fill(made))
        yield made


async def _fill(made: Installed) -> None:
    app = engine(made.centre)
    async with app.open_async():
        for site, marker in (("oslo", "for-oslo"), ("bergen", MARKER)):
            deferrer = app.configure_task("audit", queue=site, lock=f"{marker}-lock", allow_unknown=True)
            for _ in range(3):
                await deferrer.defer_async(marker=marker)
    for site, marker in (("oslo", "for-oslo"), ("bergen", MARKER)):
        async with await psycopg.AsyncConnection.connect(made.site(site), autocommit=True) as connection:
            await connection.execute(
                "SELECT procrastinate_fetch_job_v2(NULL, (SELECT worker_id FROM procrastinate_register_worker_v1()))"
            )
            await connection.execute(
                "INSERT INTO auditor_sites.inbox (site, run, host, payload) VALUES (%s, %s, %s, %s)",
                [site, RUN, marker, marker.encode()],
            )


DENIED = [
    # results
    "SELECT * FROM auditor_sites.inbox",
    "SELECT count(*) FROM auditor_sites.inbox",
    "COPY auditor_sites.inbox TO STDOUT",
    "UPDATE auditor_sites.inbox SET payload = ''",
    "DELETE FROM auditor_sites.inbox",
    "TRUNCATE auditor_sites.inbox",
    "INSERT INTO auditor_sites.inbox (site, run, host, payload) VALUES ('bergen', gen_random_uuid(), 'x', '') ",
    (
        "INSERT INTO auditor_sites.inbox (site, run, host, payload) SELECT site, run, host, '' FROM auditor_sites.inbox"
        " ON CONFLICT DO NOTHING"
    ),
    (
        "INSERT INTO auditor_sites.inbox (site, run, host, payload) VALUES ('oslo', gen_random_uuid(), 'for-oslo', '')"
        " ON CONFLICT (run, site, host) DO UPDATE SET payload = ''"
    ),
    "INSERT INTO inbox (site, run, host, payload) VALUES ('oslo', gen_random_uuid(), 'y', '') RETURNING *",
    "INSERT INTO inbox (site, run, host, payload) VALUES ('bergen', gen_random_uuid(), 'y', '') ON CONFLICT DO NOTHING",
    (
        "INSERT INTO auditor_sites.inbox (site, run, host, payload, received_at)"
        " VALUES ('oslo', gen_random_uuid(), 'y', '', '1999-01-01')"
    ),
    # jobs
    "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('oslo', 'audit')",
    "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('bergen', 'audit')",
    "DELETE FROM procrastinate_jobs",
    "TRUNCATE procrastinate_jobs CASCADE",
    "UPDATE procrastinate_jobs SET queue_name = 'bergen'",
    "UPDATE procrastinate_jobs SET lock = 'only-for-bergen-lock'",
    "UPDATE procrastinate_jobs SET queueing_lock = 'only-for-bergen'",
    "UPDATE procrastinate_jobs SET args = '{}'",
    (
        "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('oslo', 'audit', 0, NULL, NULL, '{}', NULL)]"
        "::procrastinate_job_to_defer_v1[])"
    ),
    "SELECT procrastinate_defer_periodic_job_v2('bergen', NULL, NULL, 'audit', 0, '', 1, '{}')",
    "SELECT procrastinate_cancel_job_v1((SELECT max(id) FROM procrastinate_jobs), true, true)",
    "SELECT auditor_sites.procrastinate_retry_job_v1(1, NULL, NULL, 'bergen', NULL)",
    "SELECT auditor_sites.procrastinate_retry_job_v2(1, NULL, NULL, 'bergen', NULL)",
    "SELECT procrastinate_finish_job_v1((SELECT id FROM procrastinate_jobs WHERE status = 'doing'), 'failed', true)",
    "SELECT nextval('procrastinate_jobs_id_seq')",
    "SELECT setval('procrastinate_events_id_seq', 1)",
    # events
    "SELECT * FROM procrastinate_events",
    "UPDATE procrastinate_events SET at = NULL",
    "DELETE FROM procrastinate_events",
    "INSERT INTO procrastinate_events (job_id, type) SELECT generate_series(1, 9), 'failed'",
    # workers
    "DELETE FROM procrastinate_workers",
    "UPDATE procrastinate_workers SET role = 'auditor_site_bergen'",
    "INSERT INTO procrastinate_workers (role) VALUES ('auditor_site_bergen')",
    "SELECT auditor_sites.procrastinate_prune_stalled_workers_v1(0)",
    "SELECT auditor_sites.procrastinate_unregister_worker_v1(2)",
    # the rest of the database
    "SELECT * FROM auditor_sites.migration",
    "SELECT * FROM procrastinate_periodic_defers",
    "SET row_security = off; SELECT * FROM procrastinate_jobs",
    "ALTER TABLE procrastinate_jobs DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE procrastinate_jobs ENABLE TRIGGER ALL",
    "DROP POLICY own ON procrastinate_jobs",
    "CREATE POLICY mine ON procrastinate_jobs USING (true)",
    "CREATE TRIGGER t BEFORE UPDATE ON procrastinate_jobs EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    (
        "CREATE OR REPLACE FUNCTION auditor_collector.procrastinate_unregister_worker_v1(worker_id bigint)"
        " RETURNS void LANGUAGE sql AS 'SELECT'"
    ),
    "CREATE TABLE public.procrastinate_jobs ()",
    "CREATE TABLE auditor_sites.mine ()",
    "CREATE TABLE auditor_collector.mine ()",
    "CREATE SCHEMA mine",
    "CREATE TEMP TABLE procrastinate_workers (id bigint, role text, last_heartbeat timestamptz)",
    (
        "CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE plpgsql COST 0.01 AS 'BEGIN RAISE NOTICE $$%$$, $1;"
        " RETURN true; END'"
    ),
    "SET ROLE auditor_site_bergen",
    "SET ROLE auditor_centre",
    "SET ROLE installer",
    "SET SESSION AUTHORIZATION auditor_site_bergen",
    "GRANT auditor_centre TO auditor_site_oslo",
    "GRANT auditor_site_bergen TO auditor_site_oslo",
    "ALTER ROLE auditor_site_oslo BYPASSRLS",
    "ALTER ROLE auditor_site_bergen SET search_path TO public",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user AND usename IS NOT NULL",
    *(
        f"BEGIN; LOCK TABLE {table} IN {mode} MODE; COMMIT"
        for table in ("procrastinate_jobs", "procrastinate_events", "procrastinate_workers", "inbox")
        for mode in ("ACCESS EXCLUSIVE", "SHARE")
    ),
]
"""What the server refuses with the rights alone."""

WITHOUT_EFFECT = [
    "UPDATE procrastinate_jobs SET status = 'failed' WHERE queue_name = 'bergen'",
    "UPDATE procrastinate_jobs SET status = 'failed' WHERE id NOT IN (SELECT id FROM procrastinate_jobs)",
    (
        "UPDATE procrastinate_workers SET last_heartbeat = '1999-01-01' WHERE id NOT IN (SELECT id FROM"
        " procrastinate_workers)"
    ),
    "UPDATE procrastinate_workers SET last_heartbeat = '1999-01-01'",
    "SET ROLE auditor_site; UPDATE procrastinate_jobs SET status = 'failed'; SET ROLE auditor_site_oslo",
    "SELECT * FROM procrastinate_fetch_job_v2(ARRAY['bergen'], 1)",
    "SELECT auditor_collector.procrastinate_prune_stalled_workers_v1(-1000)",
    "SELECT auditor_collector.procrastinate_unregister_worker_v1(number) FROM generate_series(1, 9) AS number",
    "SET search_path TO public, pg_catalog; SELECT auditor_collector.procrastinate_prune_stalled_workers_v1(-1000)",
    "ALTER ROLE auditor_site_oslo SET search_path TO public; ALTER ROLE auditor_site_oslo RESET search_path",
    "ALTER ROLE auditor_site_oslo SET row_security TO on",
    'NOTIFY "procrastinate_queue_v1#bergen", \'{"type": "abort_job_requested", "job_id": 4}\'',
    "SELECT * FROM procrastinate_jobs FOR UPDATE",
    "SELECT 'x' FROM pg_stat_user_tables",
]
"""What is allowed, or finds nothing; the other site must not notice."""

LOOKS = [
    "SELECT * FROM procrastinate_jobs",
    "SELECT * FROM auditor_sites.procrastinate_jobs WHERE queue_name = 'bergen' OR true",
    "SELECT jsonb_agg(job.*) FROM procrastinate_jobs AS job",
    "SELECT * FROM procrastinate_workers",
    "SELECT * FROM procrastinate_fetch_job_v2(ARRAY['bergen', 'oslo'], NULL)",
    "SELECT * FROM procrastinate_fetch_job_v2(NULL, NULL)",
    "SELECT * FROM procrastinate_jobs WHERE position('only' IN (args ->> 'marker')) / 1 = 1 OR lock IS NOT NULL",
    "SELECT * FROM pg_stats WHERE tablename LIKE 'procrastinate%' OR tablename = 'inbox'",
    "SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
    "COPY (SELECT * FROM procrastinate_jobs) TO STDOUT",
    "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM procrastinate_jobs WHERE lock > ''",
]
"""What shows rows; the other site's must not be among them."""


def _as_oslo(database: Installed, statement: str) -> str:
    """Run it, and return all that came back as text, notices included; errors of the server are raised."""
    seen: list[str] = []
    with psycopg.connect(database.site("oslo"), autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: seen.append(str(notice.message_primary)))
        if statement.startswith("COPY") and "STDOUT" in statement:
            with connection.cursor().copy(statement.encode()) as copy:
                seen.extend(bytes(block).decode() for block in copy)
        else:
            cursor = connection.execute(statement.encode())
            while True:
                seen.extend(str(row) for row in (cursor.fetchall() if cursor.description else []))
                if not cursor.nextset():
                    break
    return "\n".join(seen)


def _everything_else(database: Installed) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(database.url(OWNER), autocommit=True) as connection:
        return {name: connection.execute(query.encode()).fetchall() for name, query in EVERYTHING_ELSE.items()}


@pytest.mark.parametrize("statement", DENIED)
def test_it_is_refused(database: Installed, statement: str) -> None:
    """By the rights, before any row is looked at; and nothing changes."""
    before = _everything_else(database)
    with pytest.raises(errors.InsufficientPrivilege):
        _as_oslo(database, statement)
    assert _everything_else(database) == before


@pytest.mark.parametrize("statement", WITHOUT_EFFECT)
def test_it_reaches_nobody_else(database: Installed, statement: str) -> None:
    """Rows of others do not exist for it."""
    before = _everything_else(database)
    assert len(before["jobs"]) == 3
    assert len(before["events"]) >= 4
    assert len(before["workers"]) == 1
    assert len(before["inbox"]) == 1
    assert MARKER not in _as_oslo(database, statement)
    assert _everything_else(database) == before


@pytest.mark.parametrize("function", ["finish", "retry"])
def test_it_ends_no_job_of_another_site(database: Installed, function: str) -> None:
    """For the engine's functions it is not there: they raise, and it runs on."""
    ((job,),) = database.all_seeing(
        "SELECT id FROM auditor_sites.procrastinate_jobs WHERE queue_name = 'bergen' AND status = 'doing'"
    )
    before = _everything_else(database)
    call = {
        "finish": f"procrastinate_finish_job_v1({job}, 'failed', false)",
        "retry": f"procrastinate_retry_job_v2({job}, NULL, NULL, NULL, NULL)",
    }[function]
    with pytest.raises(errors.RaiseException, match="was not found"):
        _as_oslo(database, f"SELECT {call}")
    assert _everything_else(database) == before


@pytest.mark.parametrize("statement", LOOKS)
def test_it_shows_nothing_of_another_site(database: Installed, statement: str) -> None:
    """Not a queue's name, nor an argument, nor a lock, whatever is asked and however."""
    with psycopg.connect(database.url(OWNER), autocommit=True) as connection:
        connection.execute("ANALYZE")
    before = _everything_else(database)
    seen = _as_oslo(database, statement)
    assert MARKER not in seen
    assert "bergen" not in seen
    assert _everything_else(database) == before


def test_the_tests_above_would_see_it(database: Installed) -> None:
    """The same looks show the centre what the site does not see."""
    with psycopg.connect(database.centre, autocommit=True) as connection:
        assert MARKER in str(connection.execute("SELECT * FROM procrastinate_jobs").fetchall())
        assert MARKER in str(connection.execute("SELECT * FROM inbox").fetchall())


def test_only_two_functions_run_as_the_owner(database: Installed) -> None:
    """Each with a search path that nobody but the owner of the database can write to."""
    found = database.all_seeing(
        "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace NOT IN"
        " ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) ORDER BY 1"
    )
    path = ["search_path=pg_catalog, auditor_sites, pg_temp"]
    assert found == [
        ("procrastinate_prune_stalled_workers_v1", path),
        ("procrastinate_unregister_worker_v1", path),
    ]


def test_nothing_is_notified(database: Installed) -> None:
    """Whoever listens learns nothing of a new job or of one that is to be aborted."""
    with psycopg.connect(database.site("oslo"), autocommit=True) as listening:
        listening.execute("LISTEN procrastinate_any_queue_v1")
        listening.execute('LISTEN "procrastinate_queue_v1#bergen"')
        with psycopg.connect(database.centre, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('bergen', 'audit', 'todo')"
            )
            connection.execute(
                "WITH one AS (SELECT max(id) AS id FROM procrastinate_jobs) UPDATE procrastinate_jobs"
                " SET status = 'doing' FROM one WHERE procrastinate_jobs.id = one.id"
            )
            connection.execute("UPDATE procrastinate_jobs SET abort_requested = true WHERE status = 'doing'")
            connection.execute("DELETE FROM procrastinate_jobs WHERE id = (SELECT max(id) FROM procrastinate_jobs)")
            connection.execute("UPDATE procrastinate_jobs SET abort_requested = false")
            connection.execute("NOTIFY procrastinate_any_queue_v1, 'end'")
        assert [each.payload for each in listening.notifies(timeout=10, stop_after=1)] == ["end"]
