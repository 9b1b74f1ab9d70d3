-- Runs by what tracking clients call their name; names may be longer than an index entry can be.
CREATE INDEX run_name ON run (
    substr(COALESCE(name, CASE WHEN job IS NOT NULL THEN 'job-' || CAST(job AS TEXT) ELSE SUBSTR(id, 1, 8) END), 1, 100)
);
