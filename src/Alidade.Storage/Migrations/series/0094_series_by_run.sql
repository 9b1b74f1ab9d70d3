-- SQLite keeps the series of a run beside each other, so that what is known of them is found in one place: a point that is
-- added looks through one tree instead of two, and the metrics of a run on a page lie together.
-- only sqlite
CREATE TABLE series_by_run (
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    count BIGINT NOT NULL,
    last BIGINT NOT NULL,
    last_step BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
INSERT INTO series_by_run (run, name, number, count, last, last_step, last_time, min, max)
SELECT run, name, number, count, last, last_step, last_time, min, max FROM series ORDER BY run, name;
DROP TABLE series;
ALTER TABLE series_by_run RENAME TO series;
CREATE INDEX series_value ON series (name, last, run);
-- end
