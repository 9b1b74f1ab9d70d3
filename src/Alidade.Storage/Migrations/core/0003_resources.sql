-- One mechanism for all versioned kinds. A resource row is the projection of its newest snapshot.
CREATE TABLE resource (
    id {id},
    kind TEXT NOT NULL,
    group_id BIGINT NOT NULL REFERENCES user_group (id),
    owner_id BIGINT NOT NULL REFERENCES user_account (id),
    parent_id BIGINT,
    name TEXT,
    folded TEXT,
    description TEXT,
    head BIGINT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    deleted BIGINT
);
CREATE INDEX resource_list ON resource (kind, group_id, id) WHERE deleted IS NULL;
CREATE INDEX resource_by_name ON resource (kind, folded, id) WHERE deleted IS NULL;
CREATE INDEX resource_by_modified ON resource (kind, modified) WHERE deleted IS NULL;
CREATE INDEX resource_child ON resource (parent_id, id) WHERE parent_id IS NOT NULL AND deleted IS NULL;
-- Kinds whose names may repeat leave the name NULL. A file's name is unique within its plugin.
CREATE UNIQUE INDEX resource_name ON resource (group_id, kind, COALESCE(parent_id, 0), name) WHERE deleted IS NULL;

CREATE TABLE snapshot (
    id {id},
    resource_id BIGINT NOT NULL REFERENCES resource (id),
    number BIGINT NOT NULL,
    author_id BIGINT NOT NULL REFERENCES user_account (id),
    created BIGINT NOT NULL,
    name TEXT,
    description TEXT,
    payload TEXT NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (resource_id, number)
);

-- Living resources by kind and group: the total of an unfiltered page without counting.
CREATE TABLE resource_count (
    kind TEXT NOT NULL,
    group_id BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (kind, group_id)
);

-- Longer texts of a resource's newest snapshot that a search may look into, folded.
CREATE TABLE resource_text (
    resource_id BIGINT NOT NULL REFERENCES resource (id),
    field TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (resource_id, field)
);

CREATE TABLE tag (
    id {autoid},
    group_id BIGINT NOT NULL REFERENCES user_group (id),
    owner_id BIGINT NOT NULL REFERENCES user_account (id),
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    created BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    UNIQUE (group_id, name)
);

CREATE TABLE resource_tag (
    resource_id BIGINT NOT NULL REFERENCES resource (id),
    tag_id BIGINT NOT NULL REFERENCES tag (id),
    PRIMARY KEY (resource_id, tag_id)
);
CREATE INDEX resource_tag_tag ON resource_tag (tag_id, resource_id);
