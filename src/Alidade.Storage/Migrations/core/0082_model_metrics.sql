-- What runs measured of a model, on which dataset; empty names mean that the client named none. Only the last value of
-- each is here: an ordered double, because databases lose NaN.
CREATE TABLE model_metric (
    model TEXT NOT NULL,
    name TEXT NOT NULL,
    run TEXT NOT NULL,
    dataset TEXT NOT NULL,
    digest TEXT NOT NULL,
    value BIGINT NOT NULL,
    time BIGINT NOT NULL,
    step BIGINT NOT NULL,
    PRIMARY KEY (model, name, run, dataset, digest)
);
