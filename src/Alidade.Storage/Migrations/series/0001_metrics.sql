-- One row per durable batch: columns of (series, step, time, value) in the order of arrival.
CREATE TABLE segment (
    id {autoid},
    run TEXT NOT NULL,
    count INTEGER NOT NULL,
    min_step BIGINT NOT NULL,
    max_step BIGINT NOT NULL,
    body {blob} NOT NULL
);
CREATE INDEX segment_run ON segment (run, id);

-- What lists, tables and selectors read; kept in the transaction of the segment. A value that JSON and SQL comparisons
-- cannot hold is stored as its bits.
CREATE TABLE series (
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    count BIGINT NOT NULL,
    last BIGINT NOT NULL,
    last_step BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    PRIMARY KEY (run, name)
);

-- The last event of an attempt that is durable here; a batch is taken once, whatever is repeated.
CREATE TABLE event_cursor (
    attempt {id},
    run TEXT NOT NULL,
    acked BIGINT NOT NULL,
    bytes BIGINT NOT NULL
);
