-- The inbox, whose row a worker's row is, and what a collector calls in place of the engine's own functions.
-- Run with search_path = auditor_sites. A migration that has been released is never changed.

CREATE TABLE inbox (
    run uuid NOT NULL,
    site text NOT NULL,
    host text NOT NULL CHECK (length(host) BETWEEN 1 AND 255),
    payload bytea NOT NULL CHECK (octet_length(payload) <= 16777216),
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, site, host)
);

CREATE INDEX inbox_received_at ON inbox (received_at);

-- The engine's workers are shared rows; the role that registered a worker owns its row.
ALTER TABLE procrastinate_workers ADD COLUMN role text NOT NULL DEFAULT current_user;

-- Notifications know no rights: whoever is logged in may listen to any channel and send on it, and the engine takes a
-- notification's word that a running job is to be aborted. So nothing is notified, and workers ask in intervals.
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1;
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1;

-- The engine's own two functions need DELETE on the table of workers, and with it a role may lock the whole table.
-- These run as the owner, on rows of the role that is logged in, whatever its search path is. Theirs names the engine's
-- schema because triggers of the jobs that a worker leaves behind use it.
CREATE FUNCTION auditor_collector.procrastinate_unregister_worker_v1(worker_id bigint)
    RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, auditor_sites, pg_temp
AS $$
    DELETE FROM auditor_sites.procrastinate_workers AS mine
    WHERE mine.id = $1 AND mine.role = session_user::text;
$$;

CREATE FUNCTION auditor_collector.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision)
    RETURNS TABLE(worker_id bigint)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, auditor_sites, pg_temp
AS $$
    DELETE FROM auditor_sites.procrastinate_workers AS mine
    WHERE mine.last_heartbeat < now() - make_interval(secs => $1) AND mine.role = session_user::text
    RETURNING mine.id;
$$;

-- The engine's function also sets queue and lock, which no collector may change. This one gives a running job back.
CREATE FUNCTION auditor_collector.procrastinate_retry_job_v2(
    job_id bigint,
    retry_at timestamp with time zone,
    new_priority integer,
    new_queue_name character varying,
    new_lock character varying
)
    RETURNS void
    LANGUAGE plpgsql SECURITY INVOKER SET search_path = auditor_sites, pg_temp
AS $$
BEGIN
    UPDATE procrastinate_jobs AS mine
        SET status = 'todo', attempts = mine.attempts + 1, scheduled_at = retry_at
        WHERE mine.id = job_id AND mine.status = 'doing' AND NOT mine.abort_requested;
    IF NOT FOUND THEN
        RAISE 'Job was not found or is not running (job id: %)', job_id;
    END IF;
END;
$$;
