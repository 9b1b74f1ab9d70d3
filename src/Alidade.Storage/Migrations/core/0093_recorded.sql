-- How much an attempt has recorded in rows of their own: states of steps, results, parameters, tags and artifacts.
ALTER TABLE attempt_cursor ADD COLUMN recorded BIGINT NOT NULL DEFAULT 0;
