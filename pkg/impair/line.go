package impair

import (
	"math/rand/v2"
	"sync"
	"time"
)

// line decides the fate of the packets of one direction. It moves none itself.
type line struct {
	mu      sync.Mutex
	cond    Conditions
	random  *rand.Rand
	free    time.Time // when the rate limit lets the next packet begin
	last    time.Time // latest time given out; later packets do not overtake
	losing  bool      // in a run of lost packets
	stats   Stats
	changed chan struct{} // closed and replaced by each set
}

func newLine(c Conditions, seed, stream uint64) *line {
	return &line{cond: c, random: rand.New(rand.NewPCG(seed, stream)), changed: make(chan struct{})}
}

func (l *line) set(c Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cond = c
	l.free = time.Time{}
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *line) conditions() Conditions {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cond
}

func (l *line) counts() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stats
}

// packet returns when a packet that entered now comes out, or false when it never does.
func (l *line) packet(now time.Time, size int) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Received++
	l.stats.Offered += uint64(size)
	luck, spread := l.draw()
	lost := l.loses(luck)
	switch {
	case l.cond.Cut:
		l.stats.CutOff++
		return time.Time{}, false
	case lost:
		l.stats.Lost++
		return time.Time{}, false
	case l.cond.Rate > 0 && l.free.Sub(now) > l.queue():
		l.stats.Overflowed++
		return time.Time{}, false
	}
	return l.schedule(now, size, spread), true
}

// piece returns when a piece of a TCP stream that entered now comes out.
func (l *line) piece(now time.Time, size int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Received++
	luck, spread := l.draw()
	if luck < l.cond.Loss {
		l.stats.Lost++
		spread += Retransmission
	}
	return l.schedule(now, size, spread)
}

// draw gives the luck of one packet, 0..1. It takes the same share of the generator for each, so that the fate of the
// n-th packet depends on the seed and the conditions alone.
func (l *line) draw() (luck float64, spread time.Duration) {
	luck = l.random.Float64()
	return luck, time.Duration((l.random.Float64()*2 - 1) * float64(l.cond.Jitter))
}

// loses decides whether a packet vanishes: each by its own luck, or in runs (the model of Gilbert, in whose bad state
// everything is lost).
func (l *line) loses(luck float64) bool {
	loss, burst := l.cond.Loss, l.cond.Burst
	switch {
	case burst <= 1 || loss <= 0 || loss >= 1:
		l.losing = luck < loss
	case l.losing:
		l.losing = luck >= 1/burst
	default:
		l.losing = luck < loss/(burst*(1-loss))
	}
	return l.losing
}

func (l *line) queue() time.Duration {
	if l.cond.Queue == 0 {
		return DefaultQueue
	}
	return l.cond.Queue
}

// schedule returns the time out of the line. The caller holds mu.
func (l *line) schedule(now time.Time, size int, spread time.Duration) time.Time {
	out := now
	if l.cond.Rate > 0 {
		if l.free.Before(now) {
			l.free = now
		}
		l.free = l.free.Add(time.Duration(float64(size*8) / float64(l.cond.Rate) * float64(time.Second)))
		out = l.free
	}
	out = out.Add(max(0, l.cond.Delay+spread))
	if out.Before(l.last) {
		out = l.last
	}
	l.last = out
	return out
}

// excess is how much longer than Queue a piece would wait now; the sender is held back that long.
func (l *line) excess(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cond.Rate == 0 {
		return 0
	}
	return max(0, l.free.Sub(now)-l.queue())
}

// deliver counts a packet at its end, and says false when the line was cut while it was under way.
func (l *line) deliver(size int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cond.Cut {
		l.stats.CutOff++
		return false
	}
	l.stats.Delivered++
	l.stats.Bytes += uint64(size)
	return true
}

// blocked returns a channel that is closed by the next change while the line is cut, else nil.
func (l *line) blocked() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cond.Cut {
		return l.changed
	}
	return nil
}

// overflow counts a packet that found no room after all.
func (l *line) overflow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Overflowed++
}
