-- What a run read: a dataset is known once in its experiment, by name and digest.
CREATE TABLE dataset (
    id {autoid},
    experiment BIGINT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    source_type TEXT NOT NULL,
    source TEXT NOT NULL,
    fields TEXT,
    profile TEXT,
    UNIQUE (experiment, name, digest)
);
-- `tags` is a JSON object; `context` is the tag that says what the run read it for.
CREATE TABLE run_input (
    run TEXT NOT NULL,
    dataset BIGINT NOT NULL,
    context TEXT,
    tags TEXT NOT NULL,
    PRIMARY KEY (run, dataset)
);
-- role: input, output. The models that a run read or made.
CREATE TABLE run_model (
    run TEXT NOT NULL,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    step BIGINT NOT NULL,
    PRIMARY KEY (run, role, model)
);
-- A model as a client logs it, before and without the registry. Its files, parameters, tags and series are kept under its
-- id as a run's are under the run's.
CREATE TABLE logged_model (
    id TEXT PRIMARY KEY,
    experiment BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    model_type TEXT NOT NULL,
    run TEXT,
    status TEXT NOT NULL,
    artifact_root TEXT,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    deleted BIGINT
);
CREATE INDEX logged_model_experiment ON logged_model (experiment, created);

-- What tracking clients keep of models and their versions.
CREATE TABLE model_tag (
    owner BIGINT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (owner, name)
);
CREATE TABLE model_alias (
    model BIGINT NOT NULL,
    alias TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (model, alias)
);
-- Where the files of a version are, when a client says so, and the stage that old clients know.
ALTER TABLE model_version ADD COLUMN source TEXT;
ALTER TABLE model_version ADD COLUMN run_link TEXT;
ALTER TABLE model_version ADD COLUMN logged_model TEXT;
ALTER TABLE model_version ADD COLUMN stage TEXT;
ALTER TABLE model_version ADD COLUMN stage_changed BIGINT;
