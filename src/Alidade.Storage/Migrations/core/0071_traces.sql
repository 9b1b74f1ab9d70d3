-- Traces of calls, as tracking clients record them. `info` is a JSON object of what has no column; spans are a file of the trace.
CREATE TABLE trace (
    id TEXT PRIMARY KEY,
    experiment BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state TEXT NOT NULL,
    info TEXT NOT NULL
);
CREATE INDEX trace_experiment ON trace (experiment, at, id);
