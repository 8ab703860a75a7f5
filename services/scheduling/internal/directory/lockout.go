package directory

import (
	"net/netip"
	"time"
)

// The lockout rule: five failures in a row from one source lock a login for that source for a quarter of an hour, each
// further five for twice as long as before, up to four hours. A day without failures, or a sign-in that succeeds, starts
// anew. Fifty failures from several sources lock the login for all of them by the same rule.
const (
	failuresToLock = 5
	failuresForAll = 50
	firstLock      = 15 * time.Minute
	longestLock    = 4 * time.Hour
	forgetAfter    = 24 * time.Hour
)

// Source is where a sign-in comes from, as far as failures are counted apart.
type Source string

const (
	// SignedIn is the source of those who have a session already and prove once more who they are.
	SignedIn Source = "signed-in"
	// unknownSource is the one of all whose address nobody knows.
	unknownSource Source = "unknown"
)

// SourceOf returns the source of a network address. One household or school has a whole /64 of IPv6 addresses, so
// these are one source.
func SourceOf(address string) Source {
	a, err := netip.ParseAddr(address)
	if err != nil { // some proxies tell the port too
		withPort, err := netip.ParseAddrPort(address)
		if err != nil {
			return unknownSource
		}
		a = withPort.Addr()
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return Source(a.String())
	}
	return Source(netip.PrefixFrom(a, 64).Masked().String())
}

// Failures are a login's failed sign-ins.
type Failures struct {
	// Here counts those from one source, ForAll those from everywhere.
	Here, ForAll Attempts
}

// Locked returns how long the login stays locked for the source; 0 when it is open.
func (f Failures) Locked(now time.Time) time.Duration {
	return max(f.Here.Locked(now), f.ForAll.Locked(now))
}

// Fail returns the failures after one more. A source counts for all until it is locked itself: however long it goes
// on, one source locks nobody else out.
func (f Failures) Fail(now time.Time) Failures {
	first := f.Here.Locks == 0 || f.Here.Stale(now)
	f.Here = f.Here.fail(now, failuresToLock)
	if first {
		f.ForAll = f.ForAll.fail(now, failuresForAll)
	}
	return f
}

// Attempts is what is remembered of failed sign-ins. The zero value stands for none.
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

// fail returns the attempts after one more failure; so many lock.
func (a Attempts) fail(now time.Time, toLock int) Attempts {
	if a.Stale(now) {
		a = Attempts{}
	}
	a.LastFailure = now
	a.Failures++
	if a.Failures < toLock {
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
