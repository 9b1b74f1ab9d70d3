-- Resources (jobs included) share one sequence of ids, snapshots (state changes of jobs included) another.
-- only sqlite
CREATE TABLE sequence (name TEXT PRIMARY KEY, value BIGINT NOT NULL) WITHOUT ROWID;
INSERT INTO sequence (name, value) VALUES ('resource', 0), ('snapshot', 0);
-- end
-- only postgres
CREATE SEQUENCE resource_ids;
CREATE SEQUENCE snapshot_ids;
-- end
