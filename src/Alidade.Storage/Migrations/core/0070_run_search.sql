-- Searches over runs that stay flat.

-- The run that was made with its job, not one that a script began inside it.
ALTER TABLE run ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
UPDATE run SET own = 1 WHERE id IN (SELECT run FROM job_detail);

-- Newest first, by start as tracking clients sort and by when it was made; ties by id.
DROP INDEX run_experiment;
-- only sqlite
CREATE INDEX run_by_start ON run (experiment, COALESCE(started, 0) DESC, id);
CREATE INDEX run_by_age ON run (experiment, created DESC, id);
-- end
-- only postgres
CREATE INDEX run_by_start ON run (experiment, COALESCE(started, 0) DESC, id COLLATE "C");
CREATE INDEX run_by_age ON run (experiment, created DESC, id COLLATE "C");
-- Texts are compared by their bytes on both databases.
ALTER TABLE run_parameter ALTER COLUMN value TYPE TEXT COLLATE "C";
ALTER TABLE run_tag ALTER COLUMN value TYPE TEXT COLLATE "C";
-- end

-- Values that are numbers, as integers of the same order. What the job was given (`given` = 1) its script may say in other words.
ALTER TABLE run_parameter ADD COLUMN number BIGINT;
ALTER TABLE run_parameter ADD COLUMN given INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_result ADD COLUMN number BIGINT;
CREATE INDEX run_parameter_number ON run_parameter (name, number, run) WHERE number IS NOT NULL;
CREATE INDEX run_result_number ON run_result (name, number, run) WHERE number IS NOT NULL;
CREATE INDEX run_input_dataset ON run_input (dataset, run);
-- The numbers, and what the jobs that are there were given, are added by the program.
-- Stand-alone runs of all experiments, newest first.
CREATE INDEX run_alone ON run (created, id) WHERE own = 0;
