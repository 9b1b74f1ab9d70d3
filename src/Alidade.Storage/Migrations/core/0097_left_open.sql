-- Runs that the scripts of ended jobs left open, and pauses of queues that are deleted: nobody could end either.
UPDATE run SET
    status = CASE (SELECT j.state FROM job j WHERE j.id = run.job)
        WHEN 'finished' THEN 'FINISHED' WHEN 'cancelled' THEN 'KILLED' ELSE 'FAILED' END,
    ended = (SELECT j.ended FROM job j WHERE j.id = run.job)
WHERE own = 0 AND status IN ('SCHEDULED', 'RUNNING')
    AND job IN (SELECT j.id FROM job j WHERE j.state IN ('finished', 'failed', 'cancelled', 'skipped'));
DELETE FROM queue_pause WHERE queue IN (SELECT id FROM resource WHERE kind = 'queue' AND deleted IS NOT NULL);
