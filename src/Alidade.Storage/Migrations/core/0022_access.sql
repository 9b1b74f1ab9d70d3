-- What lets a program in as its user; only the SHA-256 of the secret is kept.
CREATE TABLE api_token (
    id {autoid},
    user_id BIGINT NOT NULL REFERENCES user_account (id),
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    -- Words separated by blanks.
    scopes TEXT NOT NULL,
    -- Ids separated by blanks; NULL for all groups of the user.
    only_groups TEXT,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT,
    revoked BIGINT
);
CREATE INDEX api_token_user ON api_token (user_id, id);

-- Lets its bearer into a group, once.
CREATE TABLE invitation (
    id {autoid},
    digest TEXT NOT NULL UNIQUE,
    group_id BIGINT NOT NULL REFERENCES user_group (id),
    role TEXT NOT NULL,
    creator_id BIGINT NOT NULL REFERENCES user_account (id),
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX invitation_group ON invitation (group_id, id);

-- Whose admins may read an entry (NULL: those of the public group), and the token that was used.
ALTER TABLE audit ADD COLUMN group_id BIGINT;
ALTER TABLE audit ADD COLUMN token_id BIGINT;
UPDATE audit SET group_id = (SELECT r.group_id FROM resource r WHERE r.id = audit.object_id AND r.kind = audit.kind);
CREATE INDEX audit_group ON audit (group_id, id);
CREATE INDEX audit_object ON audit (kind, object_id, id);

-- Nothing that was written can be changed.
-- only sqlite
CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- end
-- only postgres
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_keeps BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
-- end
