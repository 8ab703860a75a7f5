// Package timetable holds the rules of planned lessons: spans of time, and who may see which lesson.
//
// It is pure: no clock, no storage, no wire format.
package timetable

import (
	"errors"
	"time"
)

// MaxLength is the longest lesson.
const MaxLength = 8 * time.Hour

// The ways in which two times fail to make a span.
var (
	ErrSpanEmpty   = errors.New("the end is not after the start")
	ErrSpanTooLong = errors.New("the span is longer than allowed")
)

// Span is a half-open stretch of time [Start, End), to the millisecond: a lesson that ends at ten leaves the room
// free for one that starts at ten.
type Span struct{ Start, End time.Time }

// NewSpan returns the span between two times, cut to milliseconds. It fails with ErrSpanEmpty, or with ErrSpanTooLong
// beyond longest.
func NewSpan(start, end time.Time, longest time.Duration) (Span, error) {
	s := Span{Start: start.Truncate(time.Millisecond), End: end.Truncate(time.Millisecond)}
	switch {
	case !s.End.After(s.Start):
		return Span{}, ErrSpanEmpty
	case s.End.Sub(s.Start) > longest:
		return Span{}, ErrSpanTooLong
	}
	return s, nil
}

// Overlaps says whether two spans share a moment.
func (s Span) Overlaps(o Span) bool { return s.Start.Before(o.End) && o.Start.Before(s.End) }

// OverAt says whether the span lies wholly before the given time.
func (s Span) OverAt(t time.Time) bool { return !t.Before(s.End) }
