-- Lists and searches that stay flat: one table of searched texts with a trigram index, and an index for every order.

-- Folded texts of living resources, jobs included: name, description and what else a kind's search looks into. Folding
-- happens in the program, so that both databases answer alike.
-- only sqlite
CREATE TABLE search (
    id INTEGER PRIMARY KEY,
    resource BIGINT NOT NULL REFERENCES resource (id),
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (resource, field)
);
-- An index without texts of its own, rowid = search.id. The last three letters of the kind are a trigram of their own, so
-- that a word frequent in one kind does not slow down the search in another.
CREATE VIRTUAL TABLE search_index USING fts5 (
    kind, text, content = '', detail = column, columnsize = 0, tokenize = 'trigram case_sensitive 1'
);
-- end
-- only postgres
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE search (
    resource BIGINT NOT NULL REFERENCES resource (id),
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (resource, field)
);
-- end
-- What artifacts' tasks give is looked up whole.
CREATE INDEX search_output_types ON search (text, resource) WHERE field = 'output_types';

INSERT INTO search (resource, kind, field, text)
SELECT id, kind, 'name', folded FROM resource WHERE folded IS NOT NULL AND deleted IS NULL;
INSERT INTO search (resource, kind, field, text)
SELECT x.resource_id, r.kind, x.field, x.text FROM resource_text x JOIN resource r ON r.id = x.resource_id
WHERE r.deleted IS NULL AND x.field NOT IN ('name', 'description');
DROP TABLE resource_text;
-- only sqlite
INSERT INTO search_index (rowid, kind, text) SELECT id, substr(kind, -3), text FROM search;
-- end
-- only postgres
CREATE INDEX search_index ON search USING gin (kind gin_trgm_ops, text gin_trgm_ops);
-- end
-- Descriptions, not folded so far, are added by the program.

-- Texts are compared by their bytes on both databases.
-- only postgres
ALTER TABLE resource ALTER COLUMN folded TYPE TEXT COLLATE "C", ALTER COLUMN description TYPE TEXT COLLATE "C";
ALTER TABLE tag ALTER COLUMN name TYPE TEXT COLLATE "C", ALTER COLUMN folded TYPE TEXT COLLATE "C";
ALTER TABLE job_detail ALTER COLUMN timeout TYPE TEXT COLLATE "C";
ALTER TABLE snapshot ALTER COLUMN name TYPE TEXT COLLATE "C";
-- end

-- One index for every order of a list, within a group; a list over several groups merges them. Jobs are listed by their own
-- rows, all but by description.
DROP INDEX resource_list;
DROP INDEX resource_by_name;
DROP INDEX resource_by_modified;
CREATE INDEX resource_by_id ON resource (kind, group_id, id) WHERE deleted IS NULL AND kind <> 'job';
CREATE INDEX resource_by_head ON resource (kind, group_id, head) WHERE deleted IS NULL AND kind <> 'job';
CREATE INDEX resource_by_name ON resource (kind, group_id, folded, id) WHERE deleted IS NULL AND kind <> 'job';
CREATE INDEX resource_by_modified ON resource (kind, group_id, modified, id) WHERE deleted IS NULL AND kind <> 'job';
CREATE INDEX resource_by_description ON resource (kind, group_id, COALESCE(substr(description, 1, 100), ''), id)
    WHERE deleted IS NULL;
-- Workers ask which queues there are, deleted ones too, and whether that has changed.
CREATE INDEX resource_queue_head ON resource (head) WHERE kind = 'queue';
CREATE INDEX tag_by_folded ON tag (folded, id);

DROP INDEX job_experiment;
DROP INDEX job_group;
CREATE INDEX job_group ON job (group_id, id) WHERE deleted IS NULL;
CREATE INDEX job_group_state ON job (group_id, state, id) WHERE deleted IS NULL;
CREATE INDEX job_group_modified ON job (group_id, modified, id) WHERE deleted IS NULL;
CREATE INDEX job_experiment ON job (experiment, id) WHERE deleted IS NULL;
CREATE INDEX job_experiment_state ON job (experiment, state, id) WHERE deleted IS NULL;
CREATE INDEX job_experiment_modified ON job (experiment, modified, id) WHERE deleted IS NULL;
CREATE INDEX job_detail_timeout ON job_detail (timeout, job);

-- Living jobs by experiment: the total of its list without counting.
CREATE TABLE job_count (
    experiment {id},
    total BIGINT NOT NULL
);
INSERT INTO job_count (experiment, total)
SELECT experiment, COUNT(*) FROM job WHERE deleted IS NULL GROUP BY experiment;
