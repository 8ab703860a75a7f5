package estimate

import (
	"math"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/twcc"
)

const (
	none = math.MaxInt64 // of a delay that is not known

	baseSpan = 2_000_000 // microseconds in which one of the minima is taken that make up the measure,
	baseKept = 15        // and how many of them are kept: 30 s
)

// path follows the one-way delay, in microseconds between two clocks that know nothing of each other.
type path struct {
	started bool
	last    twcc.Ticks
	arrival int64     // last, unwrapped
	recent  [32]int64 // the least delay of each bucket of 50 ms of arrival
	newest  int64
	bases   [baseKept]int64 // the least delay of each 2 s
	base    int64           // newest of them
}

// unwrap gives arrivals a number that does not wrap.
func (p *path) unwrap(at twcc.Ticks) int64 {
	if !p.started {
		p.started, p.last, p.arrival = true, at, int64(time.Hour/time.Microsecond)
		p.newest, p.base = p.arrival/span, p.arrival/baseSpan
		forget(p.recent[:])
		forget(p.bases[:])
	}
	arrival := p.arrival + at.Sub(p.last).Microseconds()
	if arrival > p.arrival {
		p.last, p.arrival = at, arrival
	}
	return arrival
}

func forget(list []int64) {
	for i := range list {
		list[i] = none
	}
}

// add takes the delay of a packet.
func (p *path) add(arrival, delay int64) {
	p.newest = put(p.recent[:], p.newest, arrival/span, delay)
	p.base = put(p.bases[:], p.base, arrival/baseSpan, delay)
}

// put keeps the least of each index in a ring, and returns the newest index.
func put(ring []int64, newest, index, delay int64) int64 {
	size := int64(len(ring))
	if index-newest >= size {
		forget(ring)
		newest = index
	}
	for newest < index {
		newest++
		ring[newest%size] = none
	}
	if newest-index < size {
		ring[index%size] = min(ring[index%size], delay)
	}
	return newest
}

// least is the least delay of the last buckets of 50 ms; none when they are empty.
func (p *path) least(buckets int64) int64 {
	found := int64(none)
	for i := range buckets {
		found = min(found, p.recent[(p.newest-i)&31])
	}
	return found
}

// measure is the delay that counts as an empty queue.
func (p *path) measure() int64 {
	found := int64(none)
	for _, delay := range p.bases {
		found = min(found, delay)
	}
	return found
}

// queue is the delay above the measure that every packet of the last buckets saw; 0 when nothing is known.
func (p *path) queue(buckets int64) time.Duration {
	if !p.started {
		return 0
	}
	least, measure := p.least(buckets), p.measure()
	if least == none || measure == none {
		return 0
	}
	return time.Duration(least-measure) * time.Microsecond
}

// above is the queue that one delay means.
func (p *path) above(delay int64) time.Duration {
	return time.Duration(delay-p.measure()) * time.Microsecond
}

// remeasure takes the least delay of the last second for that of an empty queue.
func (p *path) remeasure() {
	least := p.least(20)
	forget(p.bases[:])
	p.bases[p.base%baseKept] = least
}
