-- What an agent adds to the calls of a running job. A token is of use only while its attempt lives.
CREATE TABLE attempt_token (
    digest TEXT PRIMARY KEY,
    attempt BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX attempt_token_expires ON attempt_token (expires);
