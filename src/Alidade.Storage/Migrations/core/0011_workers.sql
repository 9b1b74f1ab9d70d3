-- A pool says what its workers may serve; a token lets a worker into its pool.
CREATE TABLE pool (
    id {autoid},
    name TEXT NOT NULL UNIQUE,
    queues TEXT NOT NULL,
    slots INTEGER NOT NULL,
    data TEXT NOT NULL,
    user_id BIGINT,
    created BIGINT NOT NULL
);
CREATE TABLE pool_group (
    pool BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    PRIMARY KEY (pool, group_id)
);
CREATE TABLE worker_token (
    id {autoid},
    pool BIGINT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    user_id BIGINT,
    created BIGINT NOT NULL,
    used BIGINT,
    revoked BIGINT
);
CREATE TABLE worker (
    id {autoid},
    pool BIGINT NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    created BIGINT NOT NULL,
    UNIQUE (pool, name)
);
-- A session holds the lease of all attempts its worker runs.
CREATE TABLE worker_session (
    id {autoid},
    worker BIGINT NOT NULL,
    pool BIGINT NOT NULL,
    token BIGINT NOT NULL,
    secret TEXT NOT NULL,
    queues TEXT NOT NULL,
    slots INTEGER NOT NULL,
    labels TEXT NOT NULL,
    levels TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    ended BIGINT
);
CREATE INDEX worker_session_live ON worker_session (seen) WHERE ended IS NULL;
CREATE UNIQUE INDEX worker_session_worker ON worker_session (worker) WHERE ended IS NULL;
