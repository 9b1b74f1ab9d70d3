-- JSON: what the worker's machine was doing at its last renewal.
ALTER TABLE worker_session ADD COLUMN load TEXT;
