-- +goose Up
-- Failures are counted for each source and, with source '*', for all. What was counted so far was for all.
CREATE TABLE login_attempts_by_source (
  login        TEXT NOT NULL,
  source       TEXT NOT NULL,
  failures     BIGINT NOT NULL,
  locks        BIGINT NOT NULL,
  locked_until BIGINT,
  last_failure BIGINT NOT NULL,
  PRIMARY KEY (login, source)
);
INSERT INTO login_attempts_by_source
  SELECT login, '*', failures, locks, locked_until, last_failure FROM login_attempts;
DROP TABLE login_attempts;
ALTER TABLE login_attempts_by_source RENAME TO login_attempts;
CREATE INDEX login_attempts_by_failure ON login_attempts (last_failure);

-- +goose Down
CREATE TABLE login_attempts_by_login (
  login        TEXT PRIMARY KEY,
  failures     BIGINT NOT NULL,
  locks        BIGINT NOT NULL,
  locked_until BIGINT,
  last_failure BIGINT NOT NULL
);
INSERT INTO login_attempts_by_login
  SELECT login, failures, locks, locked_until, last_failure FROM login_attempts WHERE source = '*';
DROP TABLE login_attempts;
ALTER TABLE login_attempts_by_login RENAME TO login_attempts;
CREATE INDEX login_attempts_by_failure ON login_attempts (last_failure);
