// Package nack keeps account of what is missing in one incoming layer and says when to ask the publisher for it.
//
// A stack's own generator does not see that a packet came back over the repair stream, and asks for it until it is
// out of its window: at 10 % loss on the uplink that is ten retransmissions for one lost packet. A Tracker is told
// of every arrival, whichever way it came.
//
// Pure: times are handed in, nothing allocates. Not safe for concurrent use; the layer's read loop owns it.
package nack

import (
	"cmp"
	"time"
)

const (
	// maxMissing bounds what is asked for at a time. A larger hole is not repaired: a keyframe is cheaper.
	maxMissing = 128
	// maxAsks bounds how often one packet is asked for.
	maxAsks = 10
	// lifetime is how long a missing packet is of use where nothing else is said: jitter buffers of browsers do not wait
	// longer.
	lifetime = time.Second
	// A hole counts as loss, not as reordering, when this many newer packets have come or this much time has passed.
	reorderPackets = 2
	reorderTime    = 10 * time.Millisecond
	// Between two questions for the same packet lies the time that repairs take, within these bounds.
	minInterval   = 20 * time.Millisecond
	maxInterval   = 300 * time.Millisecond
	firstInterval = 60 * time.Millisecond
)

// missing is one packet that did not come.
type missing struct {
	ext   uint64
	since time.Time
	asked time.Time
	asks  int
}

// Tracker follows one layer by its extended sequence numbers (munge.Dedup). The zero value is ready.
type Tracker struct {
	// Lifetime is how long a missing packet is of use; 0: a second.
	Lifetime time.Duration

	newest  uint64
	list    [maxMissing]missing
	length  int
	repairs time.Duration // how long a repair takes, smoothed; 0 before the first
}

// Arrived notes a packet. It reports true when the hole before it is too large to ask for: then a keyframe is needed.
func (t *Tracker) Arrived(ext uint64, now time.Time) (keyframe bool) {
	switch {
	case t.newest == 0:
		t.newest = ext
	case ext <= t.newest:
		t.found(ext, now)
	default:
		hole := ext - t.newest - 1
		if hole > uint64(maxMissing-t.length) {
			t.length, keyframe = 0, true
		} else {
			for lost := t.newest + 1; lost < ext; lost++ {
				t.list[t.length] = missing{ext: lost, since: now}
				t.length++
			}
		}
		t.newest = ext
	}
	return keyframe
}

// found takes a packet that came late off the list.
func (t *Tracker) found(ext uint64, now time.Time) {
	for i := range t.length {
		if t.list[i].ext != ext {
			continue
		}
		if t.list[i].asks == 1 { // of several questions it is not known which was answered
			t.learn(now.Sub(t.list[i].asked))
		}
		t.drop(i)
		return
	}
}

// learn smooths the time of repairs like a round trip (RFC 6298).
func (t *Tracker) learn(took time.Duration) {
	if t.repairs == 0 {
		t.repairs = took
	}
	t.repairs += (took - t.repairs) / 8
}

func (t *Tracker) drop(i int) {
	t.length--
	t.list[i] = t.list[t.length]
}

// Due appends the sequence numbers to ask for now. Call it after every arrival.
func (t *Tracker) Due(now time.Time, out []uint16) []uint16 {
	interval, life := t.interval(), cmp.Or(t.Lifetime, lifetime)
	for i := 0; i < t.length; {
		m := &t.list[i]
		switch {
		case m.asks >= maxAsks || now.Sub(m.since) > life:
			t.drop(i)
			continue
		case m.asks == 0 && t.newest-m.ext < reorderPackets && now.Sub(m.since) < reorderTime:
		case m.asks == 0 || now.Sub(m.asked) >= interval:
			m.asked, m.asks = now, m.asks+1
			out = append(out, uint16(m.ext))
		}
		i++
	}
	return out
}

// interval is a quarter more than repairs take, so that a question on its way is not repeated.
func (t *Tracker) interval() time.Duration {
	if t.repairs == 0 {
		return firstInterval
	}
	return min(max(t.repairs+t.repairs/4, minInterval), maxInterval)
}

// Missing is the number of packets that are awaited.
func (t *Tracker) Missing() int { return t.length }
