-- Stand-alone runs by the beginning of the names people gave them, and those that still run.
-- only sqlite
CREATE INDEX run_called ON run (substr(lower(name), 1, 100)) WHERE own = 0;
-- end
-- only postgres
CREATE INDEX run_called ON run (substr(lower(name), 1, 100) COLLATE "C") WHERE own = 0;
-- end
CREATE INDEX run_live ON run (created) WHERE own = 0 AND deleted IS NULL AND status IN ('RUNNING', 'SCHEDULED');
