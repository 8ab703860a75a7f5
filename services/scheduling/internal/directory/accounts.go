package directory

import (
	"context"
	"strings"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/ids"
)

// sessionPrefix starts the ids of sessions.
const sessionPrefix ids.Prefix = "ses"

// AccountStore keeps people, their passwords and their failed attempts.
type AccountStore interface {
	// PersonByLogin returns the zero Person and an empty hash where nobody has the login.
	PersonByLogin(ctx context.Context, login string) (Person, PasswordHash, error)
	// AddPerson fails with ALREADY_EXISTS when the login is taken, with NOT_FOUND when there is no such campus.
	AddPerson(ctx context.Context, p Person, hash PasswordHash) (Person, error)
	// SetPassword also forgets all failures on the login and ends the person's sessions but the one to keep ("": none).
	SetPassword(ctx context.Context, personID string, hash PasswordHash, keepSessionID string) error
	// Failures returns the zero value for a login without failures.
	Failures(ctx context.Context, login string, from Source) (Failures, error)
	SaveFailures(ctx context.Context, login string, from Source, f Failures) error
	// OpenSession adds the session and forgets the failures on the person's login: those from the source and those
	// for all.
	OpenSession(ctx context.Context, s Session, from Source) error
}

// Accounts makes people, signs them in and changes their passwords. It is safe for concurrent use.
type Accounts struct {
	store           AccountStore
	hasher          *Hasher
	turnstile       *turnstile
	sessionLifetime time.Duration
	now             func() time.Time
}

// NewAccounts returns Accounts over a store whose sessions live as long as given.
func NewAccounts(store AccountStore, sessionLifetime time.Duration, now func() time.Time) *Accounts {
	return &Accounts{
		store: store, hasher: NewHasher(), turnstile: newTurnstile(), sessionLifetime: sessionLifetime, now: now,
	}
}

// NormaliseLogin returns a login as it is stored: people type capitals and spaces around it.
func NormaliseLogin(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }

// SignIn checks login and password and opens a session. It fails with WRONG_CREDENTIALS or ACCOUNT_LOCKED, alike for
// logins that exist and that do not.
func (a *Accounts) SignIn(ctx context.Context, login, password string, from Source) (Principal, Credential, error) {
	person, err := a.verify(ctx, NormaliseLogin(login), password, from)
	if err != nil {
		return Principal{}, "", err
	}
	credential, now := NewCredential(), a.now()
	session := Session{
		ID: ids.New(sessionPrefix), PersonID: person.ID, Hash: credential.Hash(),
		CreatedAt: now, ExpiresAt: now.Add(a.sessionLifetime),
	}
	if err := a.store.OpenSession(ctx, session, from); err != nil {
		return Principal{}, "", err
	}
	return Principal{Person: &person, SessionID: session.ID, ExpiresAt: session.ExpiresAt}, credential, nil
}

// Create adds a person with a password. It fails with PASSWORD_REJECTED, ALREADY_EXISTS or NOT_FOUND (the campus).
func (a *Accounts) Create(ctx context.Context, p Person, password string) (Person, error) {
	p.ID, p.Login = ids.New(ids.Person), NormaliseLogin(p.Login)
	if !StrongEnough(p.Login, password) {
		return Person{}, fault.New(fault.PasswordRejected)
	}
	hash, err := a.hasher.Hash(ctx, password)
	if err != nil {
		return Person{}, err
	}
	return a.store.AddPerson(ctx, p, hash)
}

// ChangePassword sets a new password for somebody who knows the current one, and ends the person's sessions but the
// one to keep. It fails with WRONG_CREDENTIALS, ACCOUNT_LOCKED or PASSWORD_REJECTED.
func (a *Accounts) ChangePassword(ctx context.Context, login, current, next, keepSessionID string) error {
	person, err := a.verify(ctx, login, current, SignedIn)
	if err != nil {
		return err
	}
	if next == current || !StrongEnough(login, next) {
		return fault.New(fault.PasswordRejected)
	}
	return a.set(ctx, person, next, keepSessionID)
}

// ResetPassword sets a new password without the old one, for the administrator at the machine. All sessions of the
// person end. It fails with NOT_FOUND or PASSWORD_REJECTED.
func (a *Accounts) ResetPassword(ctx context.Context, login, next string) error {
	login = NormaliseLogin(login)
	person, _, err := a.store.PersonByLogin(ctx, login)
	if err != nil {
		return err
	}
	if person.ID == "" {
		return fault.New(fault.NotFound, fault.With("login", login))
	}
	if !StrongEnough(login, next) {
		return fault.New(fault.PasswordRejected)
	}
	return a.set(ctx, person, next, "")
}

func (a *Accounts) set(ctx context.Context, person Person, next, keepSessionID string) error {
	hash, err := a.hasher.Hash(ctx, next)
	if err != nil {
		return err
	}
	return a.store.SetPassword(ctx, person.ID, hash, keepSessionID)
}

// verify returns the person of a login whose password it is, and counts a failure otherwise.
func (a *Accounts) verify(ctx context.Context, login, password string, from Source) (Person, error) {
	leave, err := a.turnstile.enter(ctx, login)
	if err != nil {
		return Person{}, err
	}
	defer leave()
	failures, err := a.store.Failures(ctx, login, from)
	if err != nil {
		return Person{}, err
	}
	if wait := failures.Locked(a.now()); wait > 0 {
		return Person{}, fault.New(fault.AccountLocked, fault.RetryAfter(wait))
	}
	person, hash, err := a.store.PersonByLogin(ctx, login)
	if err != nil {
		return Person{}, err
	}
	ok, err := a.hasher.Verify(ctx, hash, password)
	if err != nil {
		return Person{}, err
	}
	if !ok {
		if err := a.store.SaveFailures(ctx, login, from, failures.Fail(a.now())); err != nil {
			return Person{}, err
		}
		return Person{}, fault.New(fault.WrongCredentials)
	}
	return person, nil
}
