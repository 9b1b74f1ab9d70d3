-- Parts of the values of parameters, whatever the case, are found by their trigrams.

-- only sqlite
-- The index knows rows by a number that never changes.
CREATE TABLE numbered_parameter (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    number BIGINT,
    given INTEGER NOT NULL DEFAULT 0,
    UNIQUE (run, name)
);
INSERT INTO numbered_parameter (run, name, value, number, given) SELECT run, name, value, number, given FROM run_parameter;
DROP TABLE run_parameter;
ALTER TABLE numbered_parameter RENAME TO run_parameter;
CREATE INDEX run_parameter_value ON run_parameter (name, substr(value, 1, 100), run);
CREATE INDEX run_parameter_number ON run_parameter (name, number, run) WHERE number IS NOT NULL;
-- An index without texts of its own, rowid = run_parameter.id. The last three letters of the name are a trigram of their own, so
-- that a word frequent in one parameter does not slow down the search in another.
CREATE VIRTUAL TABLE run_parameter_text USING fts5 (
    name, value, content = '', detail = column, columnsize = 0, tokenize = 'trigram'
);
INSERT INTO run_parameter_text (rowid, name, value) SELECT id, substr('  ' || name, -3), value FROM run_parameter;
-- end
-- only postgres
CREATE INDEX run_parameter_text ON run_parameter USING gin (name gin_trgm_ops, value gin_trgm_ops);
-- end
