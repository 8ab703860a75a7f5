// Package keyframe merges the keyframe requests of all subscribers of one layer, so that a publisher is asked
// once at once, and then at most twice a second, however many ask.
//
// Pure: times are handed in. The owner of a Merger calls Request when a subscriber asks or a switch waits, Due
// on its tick, and Arrived when a keyframe starts; whenever Request or Due says true it sends one PLI.
package keyframe

import "time"

// Interval is the least time between two requests to the publisher.
const Interval = 500 * time.Millisecond

// Merger is the state of one layer. The zero value is ready. Not safe for concurrent use.
type Merger struct {
	last    time.Time
	pending bool
}

// Request notes that somebody needs a keyframe and reports whether to ask the publisher now. If not, the need is
// kept and Due will report it in time.
func (m *Merger) Request(now time.Time) bool {
	m.pending = true
	return m.Due(now)
}

// Due reports whether to ask now, because a need is open and the last request is at least Interval ago. A need
// stays open, and is asked for again and again, until a keyframe arrives: requests get lost too.
func (m *Merger) Due(now time.Time) bool {
	if !m.pending || !m.last.IsZero() && now.Sub(m.last) < Interval {
		return false
	}
	m.last = now
	return true
}

// Arrived notes the start of a keyframe: all needs noted before are met.
func (m *Merger) Arrived() { m.pending = false }

// Pending reports whether a keyframe is awaited.
func (m *Merger) Pending() bool { return m.pending }
