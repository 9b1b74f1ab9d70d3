-- Whether a worker may have jobs of a server with several users: it has a sandbox, or was told to do without one.
ALTER TABLE worker_session ADD COLUMN shared INTEGER NOT NULL DEFAULT 1;
