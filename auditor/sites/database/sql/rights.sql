-- Who may do what. Written anew by every installation, so it always says what the installed version needs.
-- The site of a role is its name without "auditor_site_", 13 characters.

REVOKE ALL ON SCHEMA auditor_sites, auditor_collector FROM PUBLIC, auditor_site, auditor_centre;
REVOKE ALL ON ALL TABLES IN SCHEMA auditor_sites, auditor_collector FROM PUBLIC, auditor_site, auditor_centre;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA auditor_sites, auditor_collector FROM PUBLIC, auditor_site, auditor_centre;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA auditor_sites, auditor_collector FROM PUBLIC, auditor_site, auditor_centre;

-- The centre: all rows, but no change of the tables themselves.
GRANT USAGE ON SCHEMA auditor_sites TO auditor_centre;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers TO auditor_centre;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA auditor_sites TO auditor_centre;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA auditor_sites TO auditor_centre;
GRANT SELECT, DELETE ON inbox TO auditor_centre;
GRANT SELECT ON migration TO auditor_centre;

-- A site: takes jobs, says how they ended, delivers. It makes, deletes, moves and locks none. Rights on columns, not on
-- tables, wherever it writes: with UPDATE or DELETE on a table a role may lock the table against everybody else.
GRANT USAGE ON SCHEMA auditor_sites, auditor_collector TO auditor_site;
GRANT SELECT ON procrastinate_jobs TO auditor_site;
GRANT UPDATE (status, worker_id, attempts, scheduled_at, abort_requested) ON procrastinate_jobs TO auditor_site;
GRANT INSERT (job_id, type, at) ON procrastinate_events TO auditor_site;
GRANT USAGE ON SEQUENCE procrastinate_events_id_seq TO auditor_site;
GRANT SELECT, INSERT (last_heartbeat), UPDATE (last_heartbeat) ON procrastinate_workers TO auditor_site;
GRANT INSERT (site, run, host, payload) ON inbox TO auditor_site;
GRANT EXECUTE ON FUNCTION
    procrastinate_fetch_job_v2(character varying[], bigint),
    procrastinate_finish_job_v1(bigint, procrastinate_job_status, boolean),
    procrastinate_register_worker_v1(),
    procrastinate_update_heartbeat_v1(bigint) TO auditor_site;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA auditor_collector TO auditor_site;

ALTER TABLE procrastinate_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE procrastinate_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE procrastinate_workers ENABLE ROW LEVEL SECURITY;
ALTER TABLE procrastinate_periodic_defers ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS centre ON procrastinate_jobs;
DROP POLICY IF EXISTS centre ON procrastinate_events;
DROP POLICY IF EXISTS centre ON procrastinate_workers;
DROP POLICY IF EXISTS centre ON procrastinate_periodic_defers;
DROP POLICY IF EXISTS centre ON inbox;
CREATE POLICY centre ON procrastinate_jobs TO auditor_centre USING (true) WITH CHECK (true);
CREATE POLICY centre ON procrastinate_events TO auditor_centre USING (true) WITH CHECK (true);
CREATE POLICY centre ON procrastinate_workers TO auditor_centre USING (true) WITH CHECK (true);
CREATE POLICY centre ON procrastinate_periodic_defers TO auditor_centre USING (true) WITH CHECK (true);
CREATE POLICY centre ON inbox TO auditor_centre USING (true);

DROP POLICY IF EXISTS own ON procrastinate_jobs;
DROP POLICY IF EXISTS own ON procrastinate_events;
DROP POLICY IF EXISTS own ON procrastinate_workers;
DROP POLICY IF EXISTS own ON inbox;
CREATE POLICY own ON procrastinate_jobs TO auditor_site
    USING (queue_name = substr(current_user::text, 14)) WITH CHECK (queue_name = substr(current_user::text, 14));
-- The jobs in here are those that the policy above lets the role see.
CREATE POLICY own ON procrastinate_events FOR INSERT TO auditor_site
    WITH CHECK (EXISTS (SELECT FROM procrastinate_jobs AS job WHERE job.id = job_id));
CREATE POLICY own ON procrastinate_workers TO auditor_site
    USING (role = current_user::text) WITH CHECK (role = current_user::text);
CREATE POLICY own ON inbox FOR INSERT TO auditor_site
    WITH CHECK (site = substr(current_user::text, 14));
