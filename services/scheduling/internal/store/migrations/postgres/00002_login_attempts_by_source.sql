-- +goose Up
-- Failures are counted for each source and, with source '*', for all. What was counted so far was for all.
ALTER TABLE login_attempts ADD COLUMN source TEXT COLLATE "C" NOT NULL DEFAULT '*';
ALTER TABLE login_attempts ALTER COLUMN source DROP DEFAULT;
ALTER TABLE login_attempts DROP CONSTRAINT login_attempts_pkey;
ALTER TABLE login_attempts ADD PRIMARY KEY (login, source);

-- +goose Down
DELETE FROM login_attempts WHERE source <> '*';
ALTER TABLE login_attempts DROP CONSTRAINT login_attempts_pkey;
ALTER TABLE login_attempts ADD PRIMARY KEY (login);
ALTER TABLE login_attempts DROP COLUMN source;
