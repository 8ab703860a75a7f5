package rpc

import "time"

// At returns a signer of the same key with another clock.
func (s *Signer) At(now func() time.Time) *Signer {
	return &Signer{issuer: s.issuer, key: s.key, now: now}
}
