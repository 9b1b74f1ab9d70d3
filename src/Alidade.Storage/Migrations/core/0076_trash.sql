-- What was deleted is in the trash until it is purged: then its row is only a stone that others may still refer to.
ALTER TABLE resource ADD COLUMN purged BIGINT;
CREATE INDEX resource_trash ON resource (deleted) WHERE deleted IS NOT NULL AND purged IS NULL;
-- Set before anything of the run is deleted, since its series are in another file: who finds it goes on deleting.
ALTER TABLE run ADD COLUMN purged BIGINT;
CREATE INDEX run_trash ON run (deleted) WHERE deleted IS NOT NULL;
