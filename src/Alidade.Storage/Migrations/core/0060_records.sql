-- Facts that many attempts share, such as the packages of an environment: JSON under its SHA-256.
CREATE TABLE record_part (
    digest TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);

-- SHA-256 of a file, or of the list of a folder's files.
ALTER TABLE run_artifact ADD COLUMN digest TEXT;

-- The end of an attempt's record, as JSON: results, and outputs with their digests. `facts` is its beginning.
ALTER TABLE attempt ADD COLUMN remains TEXT;

-- What a record says is said once.
-- only sqlite
CREATE TRIGGER attempt_facts_keep BEFORE UPDATE OF facts ON attempt WHEN OLD.facts IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the record of an attempt does not change'); END;
CREATE TRIGGER attempt_remains_keep BEFORE UPDATE OF remains ON attempt WHEN OLD.remains IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the record of an attempt does not change'); END;
CREATE TRIGGER record_part_keeps BEFORE UPDATE ON record_part
BEGIN SELECT RAISE(ABORT, 'the record of an attempt does not change'); END;
-- end
-- only postgres
CREATE FUNCTION refuse_record_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the record of an attempt does not change'; END $$;
CREATE TRIGGER attempt_facts_keep BEFORE UPDATE OF facts ON attempt FOR EACH ROW
    WHEN (OLD.facts IS NOT NULL) EXECUTE FUNCTION refuse_record_change();
CREATE TRIGGER attempt_remains_keep BEFORE UPDATE OF remains ON attempt FOR EACH ROW
    WHEN (OLD.remains IS NOT NULL) EXECUTE FUNCTION refuse_record_change();
CREATE TRIGGER record_part_keeps BEFORE UPDATE ON record_part FOR EACH ROW
    EXECUTE FUNCTION refuse_record_change();
-- end
