package wire

import (
	"net/netip"
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
	evicted uint64
}

// enter takes a connection in. Beyond the bound it returns one that has to go: the oldest of the network that has the
// most. So one host may fill the lobby, as a school behind one address does at the bell, but it keeps nobody else out.
func (l *lobby) enter(s *stream) *stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, s)
	if len(l.waiting) <= maxUnconfirmed {
		return nil
	}
	i := l.crowded()
	out := l.waiting[i]
	l.waiting = slices.Delete(l.waiting, i, i+1)
	l.evicted++
	return out
}

// crowded finds the oldest connection of the network that has the most.
func (l *lobby) crowded() int {
	count, most := make(map[netip.Prefix]int, len(l.waiting)), 0
	for _, s := range l.waiting {
		n := network(s.remote.Addr())
		count[n]++
		most = max(most, count[n])
	}
	return slices.IndexFunc(l.waiting, func(s *stream) bool { return count[network(s.remote.Addr())] == most })
}

// network is what one host has: an address of IPv4, a /64 of IPv6.
func network(addr netip.Addr) netip.Prefix {
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.Prefix(bits) // that many bits there are
	return prefix
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

// count tells how many wait, and how many had to go so far.
func (l *lobby) count() (waiting int, evicted uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting), l.evicted
}
