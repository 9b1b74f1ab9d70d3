-- Runs by the last value of a series.
CREATE INDEX series_value ON series (name, last, run);
