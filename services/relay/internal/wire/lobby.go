package wire

import (
	"slices"
	"sync"
	"time"
)

const (
	// maxUnconfirmed bounds the connections that have not yet shown an authenticated check: room for a school that
	// joins at once over TCP.
	maxUnconfirmed = 256
	// confirmWithin is how long a connection may take to that.
	confirmWithin = 5 * time.Second
)

// lobby holds the connections that have not been confirmed, oldest first.
type lobby struct {
	mu      sync.Mutex
	waiting []*stream
}

// enter takes a connection in. Beyond the bound it returns the oldest one, which has to go.
func (l *lobby) enter(s *stream) *stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, s)
	if len(l.waiting) <= maxUnconfirmed {
		return nil
	}
	oldest := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	return oldest
}

// leave takes a connection out, confirmed or ended, and says whether it was there.
func (l *lobby) leave(s *stream) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.waiting, s)
	if i < 0 {
		return false
	}
	l.waiting = slices.Delete(l.waiting, i, i+1)
	return true
}

func (l *lobby) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting)
}
