-- Compressed runs of lines; `severities` has a bit for each severity in it.
CREATE TABLE log_chunk (
    run TEXT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    severities INTEGER NOT NULL,
    first_time BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    body {blob} NOT NULL,
    PRIMARY KEY (run, first)
);
CREATE TABLE log_head (
    run TEXT PRIMARY KEY,
    lines BIGINT NOT NULL,
    bytes BIGINT NOT NULL
);
