-- How far each writer of a run's log has come, so that a batch is taken once, whatever is repeated.
CREATE TABLE log_writer (
    run TEXT NOT NULL,
    writer TEXT NOT NULL,
    batch BIGINT NOT NULL,
    PRIMARY KEY (run, writer)
);
