-- A worker has one session that lives, and few attempts: those of a session are found among those of its worker, and a claim
-- writes one index less.
DROP INDEX attempt_session;
