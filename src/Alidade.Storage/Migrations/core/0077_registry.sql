-- Every move of an alias: to which version, from which, by whom. A number that is NULL is none.
CREATE TABLE model_alias_move (
    id {autoid},
    model BIGINT NOT NULL,
    alias TEXT NOT NULL,
    number BIGINT,
    before BIGINT,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX model_alias_moves ON model_alias_move (model, alias, id);
-- What an alias demands of a version before it may point there: names of evaluations, as a JSON list.
CREATE TABLE model_gate (
    model BIGINT NOT NULL,
    alias TEXT NOT NULL,
    evaluations TEXT NOT NULL,
    PRIMARY KEY (model, alias)
);
