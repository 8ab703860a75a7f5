package directory

import "time"

// Occupy takes all turns of the hasher until release is called.
func (h *Hasher) Occupy() (release func()) {
	for range hashesAtOnce {
		h.turns <- struct{}{}
	}
	return func() {
		for range hashesAtOnce {
			<-h.turns
		}
	}
}

// ParseHash gives tests the parser of stored hashes.
func ParseHash(hash string) (memory, passes uint32, err error) {
	p, err := parseHash(PasswordHash(hash))
	return p.memory, p.time, err
}

// NobodysHash is what passwords are compared with where no account is.
var NobodysHash = nobodysHash

// Fail returns the attempts after one more failure from one source.
func (a Attempts) Fail(now time.Time) Attempts { return a.fail(now, failuresToLock) }

// Limiter gives tests the limiter.
type Limiter = limiter

// NewLimiter returns a limiter.
func NewLimiter(allowed int, window time.Duration) *Limiter { return newLimiter(allowed, window) }

// Take counts a try.
func (l *limiter) Take(caller string, now time.Time) time.Duration { return l.take(caller, now) }

// GiveBack forgets one try.
func (l *limiter) GiveBack(caller string) { l.giveBack(caller) }

// Known returns how many callers are remembered.
func (l *limiter) Known() int { return len(l.callers) }
