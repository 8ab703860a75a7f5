// Package testkit is what tests of several packages share: conditions instead of sleeps, a guard against leaked
// goroutines, and free ports. testkit/pgtest starts PostgreSQL.
package testkit

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

const (
	// patience is how long Eventually waits before it fails the test. Machines that run tests can be very busy.
	patience     = 15 * time.Second
	firstPause   = time.Millisecond
	longestPause = 50 * time.Millisecond
)

// Eventually waits until cond holds, and fails the test at once when it does not within 15 s.
// msg says what should have become true.
func Eventually(t testing.TB, cond func() bool, msg string) {
	t.Helper()
	EventuallyWithin(t, patience, cond, msg)
}

// EventuallyWithin is [Eventually] with a limit of its own.
func EventuallyWithin(t testing.TB, limit time.Duration, cond func() bool, msg string) {
	t.Helper()
	end := time.NewTimer(limit)
	defer end.Stop()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		if cond() {
			return
		}
		select {
		case <-end.C:
			t.Fatalf("not within %v: %s", limit, msg)
		case <-time.After(pause):
		}
	}
}

// Receive returns the next value of ch, and fails the test when none comes within 15 s or ch is closed.
func Receive[T any](t testing.TB, ch <-chan T, msg string) T {
	t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	var v T
	select {
	case got, open := <-ch:
		if !open {
			t.Fatalf("channel closed: %s", msg)
		}
		v = got
	case <-end.C:
		t.Fatalf("nothing received within %v: %s", patience, msg)
	}
	return v
}

// Closed waits until ch is closed, and fails the test when it is not within 15 s or sends a value.
func Closed[T any](t testing.TB, ch <-chan T, msg string) {
	t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	select {
	case _, open := <-ch:
		if open {
			t.Fatalf("received a value before the channel was closed: %s", msg)
		}
	case <-end.C:
		t.Fatalf("not closed within %v: %s", patience, msg)
	}
}

// NoLeaks fails the test when goroutines that it started outlive it. Call it first, so that it looks after all other
// clean-up. Goroutines that run already are not the test's.
func NoLeaks(t testing.TB) {
	t.Helper()
	existing := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		if !t.Failed() {
			goleak.VerifyNone(t, existing)
		}
	})
}

// Main runs the tests of a package and fails when goroutines are left at the end; for TestMain.
func Main(m *testing.M) { goleak.VerifyTestMain(m) }
