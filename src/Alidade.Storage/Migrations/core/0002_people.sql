-- Who owns and may do what.
CREATE TABLE user_account (
    id {autoid},
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    last_sign_in BIGINT,
    password_expires BIGINT NOT NULL,
    deleted BIGINT
);

CREATE TABLE user_group (
    id {autoid},
    name TEXT NOT NULL UNIQUE,
    creator_id BIGINT NOT NULL REFERENCES user_account (id),
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    deleted BIGINT
);

-- role: reader, contributor, admin
CREATE TABLE membership (
    group_id BIGINT NOT NULL REFERENCES user_group (id),
    user_id BIGINT NOT NULL REFERENCES user_account (id),
    role TEXT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX membership_user ON membership (user_id);

-- A signed-in browser or client; only the SHA-256 of its cookie is kept.
CREATE TABLE sign_in (
    digest TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES user_account (id),
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sign_in_user ON sign_in (user_id);

-- A link that works once: user_id NULL lets its bearer create the first admin.
CREATE TABLE one_time_code (
    digest TEXT PRIMARY KEY,
    user_id BIGINT REFERENCES user_account (id),
    expires BIGINT NOT NULL
);

-- Every change, written in the transaction that makes it.
CREATE TABLE audit (
    id {autoid},
    at BIGINT NOT NULL,
    user_id BIGINT,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id BIGINT,
    detail TEXT
);
