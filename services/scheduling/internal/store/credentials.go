package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions,alias:session"`

	ID             string `bun:",pk"`
	PersonID       string
	CredentialHash string
	CreatedAt      int64
	ExpiresAt      int64
}

type attemptsRow struct {
	bun.BaseModel `bun:"table:login_attempts,alias:attempts"`

	Login       string `bun:",pk"`
	Source      string `bun:",pk"`
	Failures    int
	Locks       int
	LockedUntil int64 `bun:",nullzero"`
	LastFailure int64
}

// forAll is the source of the row that counts for all sources.
const forAll = "*"

// Failures returns the zero value for a login without failures.
func (s *Store) Failures(ctx context.Context, login string, from directory.Source) (directory.Failures, error) {
	var rows []attemptsRow
	err := s.db.NewSelect().Model(&rows).Where("login = ?", login).Where("source IN (?, ?)", string(from), forAll).Scan(ctx)
	var f directory.Failures
	for _, row := range rows {
		attempts := directory.Attempts{
			Failures: row.Failures, Locks: row.Locks,
			LockedUntil: fromMillis(row.LockedUntil), LastFailure: fromMillis(row.LastFailure),
		}
		if row.Source == forAll {
			f.ForAll = attempts
		} else {
			f.Here = attempts
		}
	}
	return f, describe("load login attempts", err)
}

// SaveFailures replaces what is remembered of a login's failures from a source and of those for all.
func (s *Store) SaveFailures(ctx context.Context, login string, from directory.Source, f directory.Failures) error {
	rows := []attemptsRow{attemptsToRow(login, string(from), f.Here), attemptsToRow(login, forAll, f.ForAll)}
	return s.inTx(ctx, "save login attempts", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&rows).
			On("CONFLICT (login, source) DO UPDATE").
			Set("failures = EXCLUDED.failures").
			Set("locks = EXCLUDED.locks").
			Set("locked_until = EXCLUDED.locked_until").
			Set("last_failure = EXCLUDED.last_failure").
			Exec(ctx)
		return err
	})
}

func attemptsToRow(login, source string, a directory.Attempts) attemptsRow {
	return attemptsRow{
		Login: login, Source: source, Failures: a.Failures, Locks: a.Locks,
		LockedUntil: millis(a.LockedUntil), LastFailure: millis(a.LastFailure),
	}
}

// forgetFailures clears the failures on a person's login: all, or those from the given sources.
func forgetFailures(ctx context.Context, tx bun.Tx, personID string, sources ...string) error {
	forget := tx.NewDelete().Model((*attemptsRow)(nil)).Where("login = (SELECT login FROM people WHERE id = ?)", personID)
	if len(sources) > 0 {
		forget.Where("source IN (?)", bun.List(sources))
	}
	_, err := forget.Exec(ctx)
	return err
}

// OpenSession adds the session and forgets the failures on the person's login: those from the source and those for
// all. What others have guessed elsewhere still counts against them.
func (s *Store) OpenSession(ctx context.Context, session directory.Session, from directory.Source) error {
	row := sessionRow{
		ID: session.ID, PersonID: session.PersonID, CredentialHash: string(session.Hash),
		CreatedAt: millis(session.CreatedAt), ExpiresAt: millis(session.ExpiresAt),
	}
	return s.inTx(ctx, "open session", func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return forgetFailures(ctx, tx, session.PersonID, string(from), forAll)
	})
}

// SetPassword also forgets all failures on the login and ends the person's sessions but the one to keep ("": none).
func (s *Store) SetPassword(ctx context.Context, personID string, hash directory.PasswordHash, keepSessionID string) error {
	return s.inTx(ctx, "set password", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*personRow)(nil)).
			Set("password_hash = ?", string(hash)).Where("id = ?", personID).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewDelete().Model((*sessionRow)(nil)).
			Where("person_id = ?", personID).Where("id <> ?", keepSessionID).Exec(ctx)
		if err != nil {
			return err
		}
		return forgetFailures(ctx, tx, personID)
	})
}

// PrincipalByHash returns who a credential stands for, an expired session too; the zero Principal when it stands for
// nobody.
func (s *Store) PrincipalByHash(ctx context.Context, hash directory.CredentialHash) (directory.Principal, error) {
	var session sessionRow
	err := s.db.NewSelect().Model(&session).Where("credential_hash = ?", string(hash)).Scan(ctx)
	switch {
	case err == nil:
		person, err := s.Person(ctx, session.PersonID)
		if err != nil {
			return directory.Principal{}, err
		}
		return directory.Principal{
			Person: &person, SessionID: session.ID, ExpiresAt: fromMillis(session.ExpiresAt),
		}, nil
	case !errors.Is(err, sql.ErrNoRows):
		return directory.Principal{}, describe("load session", err)
	}
	var views []classroomView
	if err := selectClassrooms(s.db).Where("device.credential_hash = ?", string(hash)).Scan(ctx, &views); err != nil {
		return directory.Principal{}, describe("load device", err)
	}
	if len(views) == 0 {
		return directory.Principal{}, nil
	}
	room := views[0].classroom()
	return directory.Principal{Classroom: &room}, nil
}

// RevokeHash ends the session or device of a credential, if there is one.
func (s *Store) RevokeHash(ctx context.Context, hash directory.CredentialHash) error {
	return s.inTx(ctx, "revoke credential", func(ctx context.Context, tx bun.Tx) error {
		for _, model := range []any{(*sessionRow)(nil), (*deviceRow)(nil)} {
			if _, err := tx.NewDelete().Model(model).Where("credential_hash = ?", string(hash)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// codeKept is how long an expired pairing code is still known, so that it is called expired and not unknown.
const codeKept = time.Hour

// Sweep deletes what has expired: sessions, pairing codes and failures that are forgotten.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	return s.inTx(ctx, "sweep", func(ctx context.Context, tx bun.Tx) error {
		for _, d := range []*bun.DeleteQuery{
			tx.NewDelete().Model((*sessionRow)(nil)).Where("expires_at <= ?", millis(now)),
			tx.NewDelete().Model((*codeRow)(nil)).Where("expires_at <= ?", millis(now.Add(-codeKept))),
			tx.NewDelete().Model((*attemptsRow)(nil)).Where("last_failure <= ?", millis(directory.StaleBefore(now))),
		} {
			if _, err := d.Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}
