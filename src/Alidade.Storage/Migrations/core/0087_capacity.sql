-- What workers had to give and what waited for it, looked at every half minute and kept for an hour: JSON by pool and by group.
CREATE TABLE capacity (
    at {id},
    pools TEXT NOT NULL,
    groups TEXT NOT NULL
);
