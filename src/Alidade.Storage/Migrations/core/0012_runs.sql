-- The tracking record. Every job owns one run; a run may also stand alone.
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    job BIGINT,
    experiment BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    name TEXT,
    status TEXT NOT NULL,
    created BIGINT NOT NULL,
    started BIGINT,
    ended BIGINT
);
CREATE INDEX run_job ON run (job);
-- The id of a run kept elsewhere, as a client gave it for the job; at most one per job.
CREATE TABLE run_alias (
    job {id},
    alias TEXT NOT NULL
);
CREATE INDEX run_alias_id ON run_alias (alias);
CREATE TABLE run_parameter (
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, name)
);
CREATE TABLE run_tag (
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, name)
);
-- A last value, as JSON.
CREATE TABLE run_result (
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (run, name)
);
CREATE TABLE run_step (
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    started BIGINT,
    ended BIGINT,
    error TEXT,
    PRIMARY KEY (run, name)
);
-- Files a job handed over or a client recorded. `content` lists the files with their digests.
CREATE TABLE run_artifact (
    run TEXT NOT NULL,
    path TEXT NOT NULL,
    folder INTEGER NOT NULL,
    size BIGINT NOT NULL,
    content TEXT NOT NULL,
    media_type TEXT,
    attempt BIGINT,
    event BIGINT,
    resource BIGINT,
    at BIGINT NOT NULL,
    PRIMARY KEY (run, path)
);
CREATE INDEX run_artifact_resource ON run_artifact (resource);
-- How far the events of an attempt have had their effect here; the other half of the cursor is with the series.
CREATE TABLE attempt_cursor (
    attempt {id},
    applied BIGINT NOT NULL
);
