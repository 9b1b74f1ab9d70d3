-- Which artifacts a job read, so that an artifact knows who used it.
CREATE TABLE job_input (
    artifact BIGINT NOT NULL,
    job BIGINT NOT NULL,
    parameter TEXT NOT NULL,
    PRIMARY KEY (artifact, job, parameter)
);
CREATE INDEX job_input_job ON job_input (job);
-- only sqlite
INSERT INTO job_input (artifact, job, parameter)
SELECT json_extract(e.value, '$.id'), d.job, e.key FROM job_detail d, json_each(d.artifact_values) e;
-- end
-- only postgres
INSERT INTO job_input (artifact, job, parameter)
SELECT CAST(e.value ->> 'id' AS BIGINT), d.job, e.key
FROM job_detail d CROSS JOIN LATERAL jsonb_each(CAST(d.artifact_values AS jsonb)) e;
-- end
CREATE INDEX run_model_use ON run_model (model, role);
