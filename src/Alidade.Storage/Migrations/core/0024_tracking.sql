-- What tracking clients keep of runs and experiments.
ALTER TABLE run ADD COLUMN parent TEXT;
-- Who the client says it is; `user_id` is who it is.
ALTER TABLE run ADD COLUMN claimed_user TEXT;
-- Where the client keeps the files, when that is not here.
ALTER TABLE run ADD COLUMN artifact_root TEXT;
ALTER TABLE run ADD COLUMN deleted BIGINT;
CREATE INDEX run_experiment ON run (experiment, started, id);
CREATE INDEX run_parent ON run (parent) WHERE parent IS NOT NULL;
-- Values may be longer than an index entry can be.
CREATE INDEX run_parameter_value ON run_parameter (name, substr(value, 1, 100), run);
CREATE INDEX run_tag_value ON run_tag (name, substr(value, 1, 100), run);
CREATE TABLE experiment_tag (
    experiment BIGINT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (experiment, name)
);
CREATE INDEX experiment_tag_value ON experiment_tag (name, substr(value, 1, 100), experiment);
-- Who calls without credentials act as, where the server allows that. It cannot sign in and no list shows it.
INSERT INTO user_account (id, username, email, password, created, modified, password_expires, deleted)
-- only postgres
OVERRIDING SYSTEM VALUE
-- end
VALUES (0, 'anonymous tracking', 'anonymous tracking', '', 0, 0, 0, 0);
