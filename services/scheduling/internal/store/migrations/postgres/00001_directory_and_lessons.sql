-- Times are milliseconds since 1970, UTC. 28800000 is the longest lesson, 8 h, as on SQLite.
-- Text compares by bytes ("C"), as on SQLite, so that both engines sort alike.

-- +goose Up
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE campuses (
  id        TEXT COLLATE "C" PRIMARY KEY,
  name      TEXT COLLATE "C" NOT NULL UNIQUE,
  level     TEXT COLLATE "C" NOT NULL,
  time_zone TEXT COLLATE "C" NOT NULL
);

CREATE TABLE classrooms (
  id        TEXT COLLATE "C" PRIMARY KEY,
  campus_id TEXT COLLATE "C" NOT NULL REFERENCES campuses (id),
  name      TEXT COLLATE "C" NOT NULL,
  UNIQUE (campus_id, name)
);

CREATE TABLE people (
  id            TEXT COLLATE "C" PRIMARY KEY,
  login         TEXT COLLATE "C" NOT NULL UNIQUE,
  name          TEXT COLLATE "C" NOT NULL,
  campus_id     TEXT COLLATE "C" REFERENCES campuses (id),
  password_hash TEXT COLLATE "C" NOT NULL
);
CREATE INDEX people_by_campus ON people (campus_id);

CREATE TABLE person_roles (
  person_id TEXT COLLATE "C" NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  role      TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (person_id, role)
);

CREATE TABLE pairings (
  id               TEXT COLLATE "C" PRIMARY KEY,
  lead_campus_id   TEXT COLLATE "C" NOT NULL REFERENCES campuses (id),
  branch_campus_id TEXT COLLATE "C" NOT NULL REFERENCES campuses (id),
  UNIQUE (lead_campus_id, branch_campus_id),
  CHECK (lead_campus_id <> branch_campus_id)
);

CREATE TABLE sessions (
  id              TEXT COLLATE "C" PRIMARY KEY,
  person_id       TEXT COLLATE "C" NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  credential_hash TEXT COLLATE "C" NOT NULL UNIQUE,
  created_at      BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE login_attempts (
  login        TEXT COLLATE "C" PRIMARY KEY,
  failures     BIGINT NOT NULL,
  locks        BIGINT NOT NULL,
  locked_until BIGINT,
  last_failure BIGINT NOT NULL
);
CREATE INDEX login_attempts_by_failure ON login_attempts (last_failure);

CREATE TABLE devices (
  classroom_id    TEXT COLLATE "C" PRIMARY KEY REFERENCES classrooms (id) ON DELETE CASCADE,
  credential_hash TEXT COLLATE "C" NOT NULL UNIQUE,
  paired_at       BIGINT NOT NULL,
  paired_by       TEXT COLLATE "C" NOT NULL,
  seen_at         BIGINT
);

CREATE TABLE pairing_codes (
  code         TEXT COLLATE "C" PRIMARY KEY,
  secret_hash  TEXT COLLATE "C" NOT NULL UNIQUE,
  device_hash  TEXT COLLATE "C" NOT NULL UNIQUE,
  expires_at   BIGINT NOT NULL,
  claimed_at   BIGINT
);
CREATE INDEX pairing_codes_by_expiry ON pairing_codes (expires_at);

CREATE TABLE lessons (
  id              TEXT COLLATE "C" PRIMARY KEY,
  kind            TEXT COLLATE "C" NOT NULL,
  title           TEXT COLLATE "C" NOT NULL,
  teacher_id      TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  starts_at       BIGINT NOT NULL,
  ends_at         BIGINT NOT NULL,
  status          TEXT COLLATE "C" NOT NULL,
  created_by      TEXT COLLATE "C" NOT NULL,
  idempotency_key TEXT COLLATE "C" NOT NULL,
  seed_key        TEXT COLLATE "C",
  UNIQUE (created_by, idempotency_key),
  CHECK (ends_at > starts_at AND ends_at - starts_at <= 28800000)
);
CREATE INDEX lessons_by_start ON lessons (starts_at);
CREATE INDEX lessons_by_teacher ON lessons (teacher_id, starts_at);
CREATE INDEX lessons_seeded ON lessons (seed_key) WHERE seed_key IS NOT NULL;

-- Who takes part, also in a cancelled lesson. The start stands here too, so that a classroom's week is one index range.
CREATE TABLE lesson_classrooms (
  lesson_id    TEXT COLLATE "C" NOT NULL REFERENCES lessons (id) ON DELETE CASCADE,
  classroom_id TEXT COLLATE "C" NOT NULL REFERENCES classrooms (id),
  rank         BIGINT NOT NULL,
  starts_at    BIGINT NOT NULL,
  PRIMARY KEY (lesson_id, classroom_id)
);
CREATE INDEX lesson_classrooms_by_start ON lesson_classrooms (classroom_id, starts_at);

-- A booking takes a teacher or a classroom for a span of time. Two bookings of one resource never overlap.
CREATE TABLE bookings (
  lesson_id   TEXT COLLATE "C" NOT NULL REFERENCES lessons (id) ON DELETE CASCADE,
  resource_id TEXT COLLATE "C" NOT NULL,
  starts_at   BIGINT NOT NULL,
  ends_at     BIGINT NOT NULL,
  PRIMARY KEY (lesson_id, resource_id),
  CHECK (ends_at > starts_at AND ends_at - starts_at <= 28800000),
  CONSTRAINT bookings_no_overlap EXCLUDE USING gist (resource_id WITH =, int8range(starts_at, ends_at) WITH &&)
);

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
