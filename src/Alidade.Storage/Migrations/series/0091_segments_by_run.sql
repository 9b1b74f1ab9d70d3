-- SQLite keeps the batches of a run beside each other, so that to add one changes a single page. Their ids count within
-- the run and none is given twice, for compaction takes away exactly the batches that it has read: a new one is greater
-- than all that are there and than the greatest that was ever taken away.
-- only sqlite
CREATE TABLE segment_by_run (
    run TEXT NOT NULL,
    id INTEGER NOT NULL,
    count INTEGER NOT NULL,
    min_step BIGINT NOT NULL,
    max_step BIGINT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (run, id)
) WITHOUT ROWID;
INSERT INTO segment_by_run (run, id, count, min_step, max_step, body)
SELECT run, id, count, min_step, max_step, body FROM segment ORDER BY run, id;
CREATE TABLE segment_gone (id INTEGER NOT NULL);
INSERT INTO segment_gone SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'segment';
DROP TABLE segment;
ALTER TABLE segment_by_run RENAME TO segment;
CREATE TRIGGER segment_gone AFTER DELETE ON segment BEGIN
    UPDATE segment_gone SET id = OLD.id WHERE id < OLD.id;
END;
-- end
