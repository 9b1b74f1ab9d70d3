-- Where the folder of a worker is: which run of which machine, and which folder there. NULL where it did not say.
ALTER TABLE worker ADD COLUMN boot TEXT;
ALTER TABLE worker ADD COLUMN folder TEXT;
