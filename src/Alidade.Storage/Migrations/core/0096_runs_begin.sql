-- A run begins when its job does. It said RUNNING from the claim on, and would do so while a job that was given back waits.
UPDATE run SET status = 'SCHEDULED'
WHERE status = 'RUNNING' AND id IN (
    SELECT d.run FROM job j JOIN job_detail d ON d.job = j.id
    WHERE j.state IN ('claimed', 'unreachable', 'cancelling') AND j.started IS NULL);
