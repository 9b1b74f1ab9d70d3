-- Jobs that are alike to every worker: the same queue and group, and the same shape, which is what they ask of a worker:
-- labels and resources. Processors are counted in thousandths.
CREATE TABLE lane (
    id {autoid},
    queue BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    labels TEXT NOT NULL,
    cpu BIGINT NOT NULL,
    memory BIGINT NOT NULL,
    gpus BIGINT NOT NULL,
    UNIQUE (queue, group_id, labels, cpu, memory, gpus)
);
ALTER TABLE job ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
-- How many of the jobs it comes after have not ended.
ALTER TABLE job ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
-- Other jobs came to wait for it: its end must be told.
ALTER TABLE job ADD COLUMN awaited INTEGER NOT NULL DEFAULT 0;
-- It fails if it has not begun by then.
ALTER TABLE job ADD COLUMN not_after BIGINT;
INSERT INTO lane (queue, group_id, labels, cpu, memory, gpus)
    SELECT DISTINCT queue, group_id, '{}', 0, 0, 0 FROM job;
UPDATE job SET lane = (SELECT l.id FROM lane l WHERE l.queue = job.queue AND l.group_id = job.group_id);
DROP INDEX job_queued;
CREATE INDEX job_waiting ON job (lane, rank, id) WHERE state = 'queued';
DROP INDEX job_due;
CREATE INDEX job_due ON job (run_at) WHERE state = 'scheduled' AND waits = 0;
CREATE INDEX job_not_after ON job (not_after) WHERE not_after IS NOT NULL AND state IN ('scheduled', 'queued');
-- How many jobs of a group workers hold: the group with the fewest comes first.
CREATE INDEX job_held ON job (group_id) WHERE state IN ('claimed', 'running', 'unreachable', 'cancelling');

-- What a job comes after; open until that job has ended and this one has heard of it.
CREATE TABLE job_after (
    job BIGINT NOT NULL,
    after_job BIGINT NOT NULL,
    policy TEXT NOT NULL,
    open INTEGER NOT NULL,
    PRIMARY KEY (job, after_job)
);
CREATE INDEX job_after_open ON job_after (after_job, job) WHERE open = 1;
-- Jobs that have ended and whose followers have not all heard of it.
CREATE TABLE job_settled (
    job {id}
);

-- Defaults for the jobs of a queue or an entrypoint, as JSON.
CREATE TABLE job_policy (
    resource {id},
    policy TEXT NOT NULL
);
-- Queues whose jobs nobody gets for the time being.
CREATE TABLE queue_pause (
    queue {id},
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL
);

ALTER TABLE worker_session ADD COLUMN cpu BIGINT NOT NULL DEFAULT 0;
ALTER TABLE worker_session ADD COLUMN memory BIGINT NOT NULL DEFAULT 0;
ALTER TABLE worker_session ADD COLUMN gpus BIGINT NOT NULL DEFAULT 0;
CREATE INDEX idempotency_at ON idempotency (at);
