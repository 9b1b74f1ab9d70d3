-- Points of an attempt for which its run had no room: it has as many series as it may.
ALTER TABLE event_cursor ADD COLUMN left_out BIGINT NOT NULL DEFAULT 0;
