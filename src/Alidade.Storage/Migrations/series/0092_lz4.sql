-- To compress a batch was a sixth of PostgreSQL's work for it; lz4 saves as much room and costs next to nothing. A server
-- may have been built without it.
-- only postgres
DO $$
BEGIN
    ALTER TABLE segment ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
-- end
