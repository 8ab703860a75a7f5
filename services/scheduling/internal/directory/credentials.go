package directory

import (
	"context"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// seenEvery is how precisely it is known when a device was last seen. A write for each call would wear the disk.
const seenEvery = time.Minute

// CredentialStore keeps sessions and devices by the hash of their credential.
type CredentialStore interface {
	// PrincipalByHash returns who the credential stands for, an expired session too; the zero Principal when it
	// stands for nobody.
	PrincipalByHash(ctx context.Context, hash CredentialHash) (Principal, error)
	TouchDevice(ctx context.Context, classroomID string, seen time.Time) error
	// RevokeHash ends the session or device of the credential, if there is one.
	RevokeHash(ctx context.Context, hash CredentialHash) error
}

// Credentials resolves and revokes what browsers present. It is safe for concurrent use.
type Credentials struct {
	store CredentialStore
	now   func() time.Time
}

// NewCredentials returns Credentials over a store.
func NewCredentials(store CredentialStore, now func() time.Time) *Credentials {
	return &Credentials{store: store, now: now}
}

// Resolve returns who the credential stands for, and notes that a device was seen. It fails with SESSION_EXPIRED.
func (c *Credentials) Resolve(ctx context.Context, credential Credential) (Principal, error) {
	p, err := c.store.PrincipalByHash(ctx, credential.Hash())
	if err != nil {
		return Principal{}, err
	}
	now := c.now()
	switch {
	case p.Person != nil && now.Before(p.ExpiresAt):
		return p, nil
	case p.Classroom == nil:
		return Principal{}, fault.New(fault.SessionExpired)
	}
	if now.Sub(p.Classroom.DeviceSeenAt) >= seenEvery {
		if err := c.store.TouchDevice(ctx, p.Classroom.ID, now); err != nil {
			return Principal{}, err
		}
		p.Classroom.DeviceSeenAt = now
	}
	return p, nil
}

// Revoke ends the session or device; an unknown credential is no error.
func (c *Credentials) Revoke(ctx context.Context, credential Credential) error {
	return c.store.RevokeHash(ctx, credential.Hash())
}
