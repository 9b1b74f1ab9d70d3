-- The points of one series, sorted by (step, time, value) and without repetitions, at most 4096 a row. What charts read
-- (thin) stands before what exact reads need (body). Chunks may overlap until they are merged; readers merge them.
CREATE TABLE chunk (
    id {autoid},
    run TEXT NOT NULL,
    number INTEGER NOT NULL,
    count INTEGER NOT NULL,
    first_step BIGINT NOT NULL,
    first_time BIGINT NOT NULL,
    first_value BIGINT NOT NULL,
    last_step BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    last_value BIGINT NOT NULL,
    min_time BIGINT NOT NULL,
    max_time BIGINT NOT NULL,
    arrived BIGINT NOT NULL,
    thin {blob} NOT NULL,
    body {blob} NOT NULL
);
CREATE INDEX chunk_series ON chunk (run, number, last_step, last_time);
CREATE INDEX chunk_arrived ON chunk (run, number, arrived);

-- What waits for compaction is counted without touching the segments.
DROP INDEX segment_run;
CREATE INDEX segment_run ON segment (run, id, count);
