// Package nack keeps account of what is missing in one incoming layer and says when to ask the publisher for it.
//
// A stack's own generator does not see that a packet came back over the repair stream, and asks for it until it is
// out of its window: at 10 % loss on the uplink that is ten retransmissions for one lost packet. A Tracker is told
// of every arrival, whichever way it came.
//
// A question goes out when a hole has lasted for patience, and again whenever a repair should have come and has not. What
// does not come within Lifetime is given up; of a picture, a keyframe is then the quicker repair. At a round trip of
// 60 ms, with 5, 10, 20 and 30 % lost in both directions, 0.002, 0.012, 0.12 and 1.2 % of all packets are missing 400 ms
// after they were missed, and at 20 % one in 5,000 for good. Asked only when packets arrive, 0.28 % would be missing at
// 20 %: between two frames the time to ask goes by.
//
// Pure: times are handed in, nothing allocates. Not safe for concurrent use; its layer guards it.
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
	// lifetime is how long a missing packet is of use where nothing else is said.
	lifetime = 500 * time.Millisecond
	// patience is how old a hole is when it counts as loss, not as reordering.
	patience = 20 * time.Millisecond
	// Between two questions for the same packet lies the time that repairs take and a fifth of it, within these bounds.
	minInterval   = 20 * time.Millisecond
	maxInterval   = 300 * time.Millisecond
	firstInterval = 60 * time.Millisecond
)

// missing is one packet that did not come.
type missing struct {
	ext   uint64
	since time.Time
	first time.Time // question
	asked time.Time // the last one
	asks  int
}

// Tracker follows one layer by its extended sequence numbers (munge.Dedup). The zero value is ready.
type Tracker struct {
	// Lifetime is how long a missing packet is of use; 0: half a second.
	Lifetime time.Duration

	newest   uint64
	keyframe uint64
	list     [maxMissing]missing
	length   int
	repairs  time.Duration // how long a repair takes, smoothed; 0 before the first
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
		if m := &t.list[i]; m.asks > 0 {
			t.learn(m, now)
		}
		t.drop(i)
		return
	}
}

// learn smooths the time of repairs like a round trip (RFC 6298). Of several questions the last was hardly the one that
// is answered when the answer comes much sooner than repairs do; else it is not known which was.
func (t *Tracker) learn(m *missing, now time.Time) {
	took := now.Sub(m.first)
	if m.asks > 1 && t.repairs > 0 && now.Sub(m.asked) >= t.repairs/2 {
		return
	}
	if t.repairs == 0 {
		t.repairs = took
	}
	t.repairs += (took - t.repairs) / 8
}

func (t *Tracker) drop(i int) {
	t.length--
	t.list[i] = t.list[t.length]
}

// Keyframe notes the first packet of a keyframe: what is missing before it stops no picture any more.
func (t *Tracker) Keyframe(ext uint64) { t.keyframe = max(t.keyframe, ext) }

// Due appends the sequence numbers to ask for now. Call it after every arrival, and at the time of Next. It reports true
// when something is given up that pictures since the last keyframe need: then another is needed.
func (t *Tracker) Due(now time.Time, out []uint16) (asked []uint16, keyframe bool) {
	for i := 0; i < t.length; {
		m := &t.list[i]
		if t.end(m).After(now) {
			if !t.due(m).After(now) {
				if m.asks++; m.asks == 1 {
					m.first = now
				}
				m.asked, out = now, append(out, uint16(m.ext))
			}
			i++
			continue
		}
		keyframe = keyframe || m.ext > t.keyframe
		t.drop(i)
	}
	return out, keyframe
}

// Next is when there will be something to ask for or to give up, if nothing arrives until then; false when nothing is
// missing.
func (t *Tracker) Next() (at time.Time, ok bool) {
	for i := range t.length {
		m := &t.list[i]
		next := t.end(m)
		if due := t.due(m); due.Before(next) {
			next = due
		}
		if !ok || next.Before(at) {
			at, ok = next, true
		}
	}
	return at, ok
}

// due is when to ask for a packet, first or again.
func (t *Tracker) due(m *missing) time.Time {
	switch m.asks {
	case 0:
		return m.since.Add(patience)
	case maxAsks:
		return t.end(m)
	}
	return m.asked.Add(t.interval())
}

// end is when a packet is given up.
func (t *Tracker) end(m *missing) time.Time { return m.since.Add(cmp.Or(t.Lifetime, lifetime)) }

// interval is somewhat more than repairs take, so that a question on its way is not repeated.
func (t *Tracker) interval() time.Duration {
	if t.repairs == 0 {
		return firstInterval
	}
	return min(max(t.repairs*6/5, minInterval), maxInterval)
}

// Missing is the number of packets that are awaited.
func (t *Tracker) Missing() int { return t.length }
