-- Which database this is. A data folder remembers it: the files of one database are nothing but garbage to another.
CREATE TABLE store_identity (id TEXT NOT NULL);
-- only sqlite
INSERT INTO store_identity (id) SELECT lower(hex(randomblob(16)));
-- end
-- only postgres
INSERT INTO store_identity (id) SELECT replace(CAST(gen_random_uuid() AS TEXT), '-', '');
-- end
