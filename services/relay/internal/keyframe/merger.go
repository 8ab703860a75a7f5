// Package keyframe merges the keyframe requests of all subscribers of one layer, so that a publisher is asked at
// once, but never more than twice in a second, however many ask.
//
// A request that brought a keyframe does not make the next need wait, as long as the second has room: who joins just
// after somebody else is served at once. A request that has brought nothing yet is repeated only after Interval,
// because its keyframe is probably under way.
//
// Pure: times are handed in. The owner of a Merger calls Request when a subscriber asks or a switch waits, Due
// on its tick, and Arrived when a keyframe starts; whenever Request or Due says true it sends one PLI.
package keyframe

import "time"

// Interval is the least time between a request and its repetition. Two intervals hold at most two requests.
const Interval = 500 * time.Millisecond

// Merger is the state of one layer. The zero value is ready. Not safe for concurrent use.
type Merger struct {
	last, beforeLast time.Time // of the newest two requests
	pending          bool
	answered         bool // a keyframe came since the last request
}

// Request notes that somebody needs a keyframe and reports whether to ask the publisher now. If not, the need is
// kept and Due will report it in time.
func (m *Merger) Request(now time.Time) bool {
	m.pending = true
	return m.Due(now)
}

// Due reports whether to ask now, because a need is open and the requests before leave room. A need stays open, and
// is asked for again and again, until a keyframe arrives: requests get lost too.
func (m *Merger) Due(now time.Time) bool {
	if !m.pending || within(now, m.beforeLast, 2*Interval) || !m.answered && within(now, m.last, Interval) {
		return false
	}
	m.beforeLast, m.last, m.answered = m.last, now, false
	return true
}

// within reports whether less than span has passed since a request, if there was one.
func within(now, since time.Time, span time.Duration) bool {
	return !since.IsZero() && now.Sub(since) < span
}

// Arrived notes the start of a keyframe: all needs noted before are met.
func (m *Merger) Arrived() { m.pending, m.answered = false, true }

// Pending reports whether a keyframe is awaited.
func (m *Merger) Pending() bool { return m.pending }
