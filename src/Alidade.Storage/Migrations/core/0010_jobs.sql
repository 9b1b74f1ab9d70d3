-- The queue. A job exists when its row is here; `job` is narrow because it is written at every change of state.
CREATE TABLE job (
    id {id},
    group_id BIGINT NOT NULL,
    experiment BIGINT NOT NULL,
    entrypoint BIGINT NOT NULL,
    queue BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    before TEXT,
    reason TEXT,
    message TEXT,
    fence BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    starts INTEGER NOT NULL,
    max_failures INTEGER NOT NULL,
    max_losses INTEGER NOT NULL,
    restartable INTEGER NOT NULL,
    -- The attempt a worker owns. Running without one means that a client runs the job by itself.
    attempt BIGINT,
    priority INTEGER NOT NULL,
    run_at BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    time_limit BIGINT NOT NULL,
    lost_after BIGINT NOT NULL,
    cancel_requested BIGINT,
    -- Newest event and how many there are; events are the job's snapshots on Dioptra's face.
    head BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    started BIGINT,
    ended BIGINT,
    deleted BIGINT
);
CREATE INDEX job_queued ON job (queue, rank, id) WHERE state = 'queued';
CREATE INDEX job_due ON job (run_at) WHERE state = 'scheduled';
CREATE INDEX job_cancelling ON job (cancel_requested) WHERE state = 'cancelling';
CREATE INDEX job_experiment ON job (experiment, id);
CREATE INDEX job_group ON job (group_id, id);

-- What is written once, at submit.
CREATE TABLE job_detail (
    job {id},
    run TEXT NOT NULL UNIQUE,
    description TEXT,
    timeout TEXT NOT NULL,
    experiment_snapshot BIGINT NOT NULL,
    entrypoint_snapshot BIGINT NOT NULL,
    queue_snapshot BIGINT NOT NULL,
    parameter_values TEXT NOT NULL,
    artifact_values TEXT NOT NULL,
    seed BIGINT NOT NULL,
    seed_given INTEGER NOT NULL,
    plan TEXT,
    plan_digest TEXT,
    plan_error TEXT,
    plugins TEXT NOT NULL,
    inputs TEXT NOT NULL
);

CREATE TABLE job_event (
    id {id},
    job BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    message TEXT,
    actor TEXT NOT NULL,
    user_id BIGINT,
    attempt BIGINT,
    at BIGINT NOT NULL,
    UNIQUE (job, seq)
);

CREATE TABLE attempt (
    id {autoid},
    job BIGINT NOT NULL,
    number INTEGER NOT NULL,
    fence BIGINT NOT NULL,
    session BIGINT NOT NULL,
    worker BIGINT NOT NULL,
    state TEXT NOT NULL,
    phase TEXT NOT NULL,
    missed_since BIGINT,
    granted BIGINT NOT NULL,
    started BIGINT,
    ended BIGINT,
    deadline BIGINT,
    report TEXT,
    reason TEXT,
    exit_code INTEGER,
    signal INTEGER,
    message TEXT,
    traceback TEXT,
    step TEXT,
    last_event BIGINT,
    peak_memory BIGINT,
    cpu_seconds DOUBLE PRECISION,
    facts TEXT,
    UNIQUE (job, number)
);
-- The database itself forbids two live attempts of a job.
CREATE UNIQUE INDEX attempt_live ON attempt (job) WHERE state IN ('granted', 'running');
CREATE INDEX attempt_session ON attempt (session) WHERE state IN ('granted', 'running');
CREATE INDEX attempt_worker ON attempt (worker) WHERE state IN ('granted', 'running');
CREATE INDEX attempt_deadline ON attempt (deadline) WHERE state = 'running';

-- A submit repeated with the same key gives the same job.
CREATE TABLE idempotency (
    user_id BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    job BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
);
