-- Unpublished edits, each visible to its author only. Without a resource it is a resource to come, with one the change
-- of it since the snapshot it is based on. parent_id: the plugin of a file.
-- The id of a draft that is gone may come again on SQLite, as clients of the wire have always seen it.
CREATE TABLE draft (
-- only sqlite
    id INTEGER PRIMARY KEY,
-- end
-- only postgres
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
-- end
    kind TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES user_account (id),
    group_id BIGINT NOT NULL REFERENCES user_group (id),
    parent_id BIGINT REFERENCES resource (id),
    resource_id BIGINT REFERENCES resource (id),
    base_snapshot BIGINT REFERENCES snapshot (id),
    payload TEXT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (resource_id, user_id)
);
CREATE INDEX draft_of_user ON draft (user_id, kind, id);
CREATE INDEX draft_of_parent ON draft (parent_id);
