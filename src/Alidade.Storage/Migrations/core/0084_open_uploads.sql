-- How many uploads of a user are not whole is counted when another begins.
CREATE INDEX upload_open ON upload (user_id) WHERE done IS NULL;
