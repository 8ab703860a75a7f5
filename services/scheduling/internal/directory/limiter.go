package directory

import (
	"sync"
	"time"
)

// limiter allows each caller a number of tries in a window of time that starts with the first. A try is counted before
// it is made, so that many at once do not slip through, and given back when it was right. It keeps nothing of callers
// whose window is over.
type limiter struct {
	allowed int
	window  time.Duration

	mu      sync.Mutex
	callers map[string]tries
}

type tries struct {
	count int
	since time.Time
}

func newLimiter(allowed int, window time.Duration) *limiter {
	return &limiter{allowed: allowed, window: window, callers: map[string]tries{}}
}

// take counts a try. When none is left, it returns how long the caller has to wait; else 0.
func (l *limiter) take(caller string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c, t := range l.callers {
		if now.Sub(t.since) >= l.window {
			delete(l.callers, c)
		}
	}
	t, ok := l.callers[caller]
	if !ok {
		t.since = now
	}
	if t.count >= l.allowed {
		return t.since.Add(l.window).Sub(now)
	}
	t.count++
	l.callers[caller] = t
	return 0
}

// giveBack forgets one try of the caller.
func (l *limiter) giveBack(caller string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t, ok := l.callers[caller]; ok {
		t.count--
		l.callers[caller] = t
	}
}
