package directory

import (
	"context"
	"fmt"
	"hash/maphash"
)

// turnstile lets the sign-ins of one login through one after the other: guesses made at the same time would otherwise
// all be checked against the same count of failures. Different logins rarely share a gate.
type turnstile struct {
	seed  maphash.Seed
	gates [64]chan struct{}
}

func newTurnstile() *turnstile {
	t := &turnstile{seed: maphash.MakeSeed()}
	for i := range t.gates {
		t.gates[i] = make(chan struct{}, 1)
	}
	return t
}

// enter waits for the login's turn; the caller calls leave once. It fails when ctx ends first.
func (t *turnstile) enter(ctx context.Context, login string) (leave func(), err error) {
	gate := t.gates[maphash.String(t.seed, login)%uint64(len(t.gates))]
	select {
	case gate <- struct{}{}:
		return func() { <-gate }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a turn to sign in: %w", ctx.Err())
	}
}
