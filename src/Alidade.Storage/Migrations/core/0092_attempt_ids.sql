-- Ids of attempts come from a sequence as those of jobs do, so that a claim knows one before it writes and need not ask
-- for it. None is given twice: cursors of events are kept by them.
-- only sqlite
INSERT INTO sequence (name, value) SELECT 'attempt', COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'attempt';
-- end
-- only postgres
CREATE SEQUENCE attempt_ids;
SELECT setval('attempt_ids', nextval(pg_get_serial_sequence('attempt', 'id')));
ALTER TABLE attempt ALTER COLUMN id DROP IDENTITY;
-- end
