-- What jobs of a group may be given. The value is sealed with AES-256-GCM under a key that is not in the database.
CREATE TABLE secret (
    id {autoid},
    group_id BIGINT NOT NULL REFERENCES user_group (id),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    -- Nonce, ciphertext and tag, in base64.
    sealed TEXT NOT NULL,
    -- JSON lists of ids that it is limited to; NULL for no limit.
    entrypoints TEXT,
    queues TEXT,
    -- Who gave the value it has.
    user_id BIGINT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    used BIGINT,
    used_job BIGINT,
    UNIQUE (group_id, name)
);
