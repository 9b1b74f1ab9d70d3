-- How many jobs of a group workers may hold at once; a group without a row has no limit.
CREATE TABLE group_quota (
    group_id {id},
    running INTEGER NOT NULL
);
