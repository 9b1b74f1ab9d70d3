-- Which files an artifact's snapshot holds: a JSON list under its SHA-256. A run may write the same path again later; what
-- was registered stays what it was.
CREATE TABLE artifact_manifest (
    digest TEXT PRIMARY KEY,
    files TEXT NOT NULL
);
