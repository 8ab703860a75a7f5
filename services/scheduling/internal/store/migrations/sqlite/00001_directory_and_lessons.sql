-- Times are milliseconds since 1970, UTC. 28800000 is the longest lesson, 8 h, which also bounds the search for overlaps.

-- +goose Up
CREATE TABLE campuses (
  id        TEXT PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE,
  level     TEXT NOT NULL,
  time_zone TEXT NOT NULL
);

CREATE TABLE classrooms (
  id        TEXT PRIMARY KEY,
  campus_id TEXT NOT NULL REFERENCES campuses (id),
  name      TEXT NOT NULL,
  UNIQUE (campus_id, name)
);

CREATE TABLE people (
  id            TEXT PRIMARY KEY,
  login         TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  campus_id     TEXT REFERENCES campuses (id),
  password_hash TEXT NOT NULL
);
CREATE INDEX people_by_campus ON people (campus_id);

CREATE TABLE person_roles (
  person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  role      TEXT NOT NULL,
  PRIMARY KEY (person_id, role)
);

CREATE TABLE pairings (
  id               TEXT PRIMARY KEY,
  lead_campus_id   TEXT NOT NULL REFERENCES campuses (id),
  branch_campus_id TEXT NOT NULL REFERENCES campuses (id),
  UNIQUE (lead_campus_id, branch_campus_id),
  CHECK (lead_campus_id <> branch_campus_id)
);

CREATE TABLE sessions (
  id              TEXT PRIMARY KEY,
  person_id       TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  credential_hash TEXT NOT NULL UNIQUE,
  created_at      BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE login_attempts (
  login        TEXT PRIMARY KEY,
  failures     BIGINT NOT NULL,
  locks        BIGINT NOT NULL,
  locked_until BIGINT,
  last_failure BIGINT NOT NULL
);
CREATE INDEX login_attempts_by_failure ON login_attempts (last_failure);

CREATE TABLE devices (
  classroom_id    TEXT PRIMARY KEY REFERENCES classrooms (id) ON DELETE CASCADE,
  credential_hash TEXT NOT NULL UNIQUE,
  paired_at       BIGINT NOT NULL,
  paired_by       TEXT NOT NULL,
  seen_at         BIGINT
);

CREATE TABLE pairing_codes (
  code         TEXT PRIMARY KEY,
  secret_hash  TEXT NOT NULL UNIQUE,
  device_hash  TEXT NOT NULL UNIQUE,
  expires_at   BIGINT NOT NULL,
  claimed_at   BIGINT
);
CREATE INDEX pairing_codes_by_expiry ON pairing_codes (expires_at);

CREATE TABLE lessons (
  id              TEXT PRIMARY KEY,
  kind            TEXT NOT NULL,
  title           TEXT NOT NULL,
  teacher_id      TEXT NOT NULL REFERENCES people (id),
  starts_at       BIGINT NOT NULL,
  ends_at         BIGINT NOT NULL,
  status          TEXT NOT NULL,
  created_by      TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  seed_key        TEXT,
  UNIQUE (created_by, idempotency_key),
  CHECK (ends_at > starts_at AND ends_at - starts_at <= 28800000)
);
CREATE INDEX lessons_by_start ON lessons (starts_at);
CREATE INDEX lessons_by_teacher ON lessons (teacher_id, starts_at);
CREATE INDEX lessons_seeded ON lessons (seed_key) WHERE seed_key IS NOT NULL;

-- Who takes part, also in a cancelled lesson. The start stands here too, so that a classroom's week is one index range.
CREATE TABLE lesson_classrooms (
  lesson_id    TEXT NOT NULL REFERENCES lessons (id) ON DELETE CASCADE,
  classroom_id TEXT NOT NULL REFERENCES classrooms (id),
  rank         BIGINT NOT NULL,
  starts_at    BIGINT NOT NULL,
  PRIMARY KEY (lesson_id, classroom_id)
);
CREATE INDEX lesson_classrooms_by_start ON lesson_classrooms (classroom_id, starts_at);

-- A booking takes a teacher or a classroom for a span of time. Two bookings of one resource never overlap.
CREATE TABLE bookings (
  lesson_id   TEXT NOT NULL REFERENCES lessons (id) ON DELETE CASCADE,
  resource_id TEXT NOT NULL,
  starts_at   BIGINT NOT NULL,
  ends_at     BIGINT NOT NULL,
  PRIMARY KEY (lesson_id, resource_id),
  CHECK (ends_at > starts_at AND ends_at - starts_at <= 28800000)
);
CREATE INDEX bookings_by_resource ON bookings (resource_id, starts_at, ends_at);

-- +goose StatementBegin
CREATE TRIGGER bookings_no_overlap_insert BEFORE INSERT ON bookings
WHEN EXISTS (
  SELECT 1 FROM bookings b
  WHERE b.resource_id = NEW.resource_id
    AND b.starts_at < NEW.ends_at AND b.starts_at > NEW.starts_at - 28800000
    AND b.ends_at > NEW.starts_at
)
BEGIN
  SELECT RAISE(ABORT, 'bookings_no_overlap');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bookings_no_overlap_update BEFORE UPDATE OF lesson_id, resource_id, starts_at, ends_at ON bookings
WHEN EXISTS (
  SELECT 1 FROM bookings b
  WHERE b.rowid <> NEW.rowid
    AND b.resource_id = NEW.resource_id
    AND b.starts_at < NEW.ends_at AND b.starts_at > NEW.starts_at - 28800000
    AND b.ends_at > NEW.starts_at
)
BEGIN
  SELECT RAISE(ABORT, 'bookings_no_overlap');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE bookings;
DROP TABLE lesson_classrooms;
DROP TABLE lessons;
DROP TABLE pairing_codes;
DROP TABLE devices;
DROP TABLE login_attempts;
DROP TABLE sessions;
DROP TABLE pairings;
DROP TABLE person_roles;
DROP TABLE people;
DROP TABLE classrooms;
DROP TABLE campuses;
