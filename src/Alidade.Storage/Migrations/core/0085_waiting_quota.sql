-- A group may also have a limit of jobs that wait; either limit may be absent.
-- only sqlite
CREATE TABLE group_limit (
    group_id {id},
    running INTEGER,
    waiting INTEGER
);
INSERT INTO group_limit (group_id, running) SELECT group_id, running FROM group_quota;
DROP TABLE group_quota;
ALTER TABLE group_limit RENAME TO group_quota;
-- end
-- only postgres
ALTER TABLE group_quota ALTER COLUMN running DROP NOT NULL;
ALTER TABLE group_quota ADD COLUMN waiting INTEGER;
-- end
-- Queued ones are counted by job_waiting.
CREATE INDEX job_scheduled ON job (lane) WHERE state = 'scheduled';
