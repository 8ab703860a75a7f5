package directory

import "time"

// The lockout rule: five failures in a row lock a login for a quarter of an hour, each further five for twice as long
// as before, up to four hours. A day without failures, or a sign-in that succeeds, starts anew.
const (
	failuresToLock = 5
	firstLock      = 15 * time.Minute
	longestLock    = 4 * time.Hour
	forgetAfter    = 24 * time.Hour
)

// Attempts is what is remembered of a login's failed sign-ins. The zero value is a login without failures.
type Attempts struct {
	// Failures since the last lock or success.
	Failures int
	// Locks since the last success.
	Locks int
	// LockedUntil is zero when the login was never locked.
	LockedUntil time.Time
	// LastFailure is zero when there was none.
	LastFailure time.Time
}

// Locked returns how long the login stays locked; 0 when it is open.
func (a Attempts) Locked(now time.Time) time.Duration { return max(0, a.LockedUntil.Sub(now)) }

// Fail returns the attempts after one more failure.
func (a Attempts) Fail(now time.Time) Attempts {
	if a.Stale(now) {
		a = Attempts{}
	}
	a.LastFailure = now
	a.Failures++
	if a.Failures < failuresToLock {
		return a
	}
	lock := longestLock
	if a.Locks < 8 { // beyond that the shift would overflow long after the longest lock is reached
		lock = min(longestLock, firstLock<<a.Locks)
	}
	a.Failures, a.Locks, a.LockedUntil = 0, a.Locks+1, now.Add(lock)
	return a
}

// Stale says whether the failures are long enough ago to be forgotten.
func (a Attempts) Stale(now time.Time) bool { return now.Sub(a.LastFailure) >= forgetAfter }

// StaleBefore returns the time before which a last failure is stale at now.
func StaleBefore(now time.Time) time.Time { return now.Add(-forgetAfter) }
