-- The registry: numbered versions of models. A version is a resource below its model, so its description, tags and
-- snapshots work as everywhere; here is what joins it to what it is a version of. A number is never given twice.
CREATE TABLE model_version (
    id {id},
    model_id BIGINT NOT NULL REFERENCES resource (id),
    number BIGINT NOT NULL,
    -- The artifact as it was when the version was made. Tracking clients register files that are no artifact: then NULL.
    artifact_id BIGINT,
    artifact_snapshot BIGINT,
    -- The run the files come from, and where they are in it.
    run TEXT,
    path TEXT,
    UNIQUE (model_id, number)
);
CREATE INDEX model_version_artifact ON model_version (artifact_id) WHERE artifact_id IS NOT NULL;
CREATE INDEX model_version_run ON model_version (run) WHERE run IS NOT NULL;
