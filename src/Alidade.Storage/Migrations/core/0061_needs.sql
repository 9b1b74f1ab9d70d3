-- What a job must be given, as JSON lists of names: the worker's folders of data, and secrets of the group.
ALTER TABLE job_detail ADD COLUMN data_folders TEXT NOT NULL DEFAULT '[]';
ALTER TABLE job_detail ADD COLUMN secrets TEXT NOT NULL DEFAULT '[]';

-- JSON list: the names of the data folders that the session's worker has.
ALTER TABLE worker_session ADD COLUMN data_folders TEXT NOT NULL DEFAULT '[]';
