-- The version that one with a source models:/... is a copy of: the name that the source says may be given to another model.
ALTER TABLE model_version ADD COLUMN copy_of BIGINT;
-- only postgres
-- So that what is below a path stands together.
ALTER TABLE run_artifact ALTER COLUMN path TYPE TEXT COLLATE "C";
-- end
