-- Uploads that are not whole yet. Their bytes are on the disk beside the blobs; nothing lists them before they are whole.
CREATE TABLE upload (
    id TEXT PRIMARY KEY,
    -- The run or logged model that the file is for, and the path it will have there.
    owner TEXT NOT NULL,
    path TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    -- Number of parts sent in any order; NULL for bytes that are sent one after the other.
    parts INTEGER,
    -- What the client has promised.
    size BIGINT,
    sha256 TEXT,
    media_type TEXT,
    touched BIGINT NOT NULL,
    -- The digest of the whole file, once it is recorded: completing again is answered alike.
    done TEXT
);
CREATE INDEX upload_touched ON upload (touched);
