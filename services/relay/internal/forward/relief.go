package forward

import "github.com/tongke-edu/tongke/services/relay/internal/assign"

// relief is what is given up so that a busy relay can go on with the rest: of the pictures of classrooms that are not
// on stage, first their size, then all but the teacher's view of them. Sound, the teacher, the stage and screens never.
type relief int32

const (
	noRelief relief = iota
	smallest        // their lowest layer
	paused
)

// Pressure from which relief is taken; it goes on until the pressure is well below.
const (
	smallestFrom, smallestUntil = 0.25, 0
	pausedFrom, pausedUntil     = 1, 0.5
)

// under is the relief that follows r under a pressure.
func (r relief) under(pressure float64) relief {
	switch {
	case pressure >= pausedFrom, r == paused && pressure > pausedUntil:
		return paused
	case pressure >= smallestFrom, r != noRelief && pressure > smallestUntil:
		return smallest
	}
	return noRelief
}

// SetPressure says how much less should be sent, 0..1. Lessons obey when they share their downlinks next.
func (f *Forwarder) SetPressure(pressure float64) {
	f.relief.Store(int32(relief(f.relief.Load()).under(pressure)))
}

// wish is the height that a slot is to get: the one that its participant asks for, or less.
func (l *Lesson) wish(c *Connection, s *slot) int {
	now := relief(l.forwarder.relief.Load())
	if now == noRelief || s.asked == 0 || s.source.Kind != assign.Camera {
		return s.asked
	}
	if of, _ := l.policy.standing(s.source.Participant); of != assign.Room {
		return s.asked
	}
	if viewer, _ := l.policy.standing(c.participant); now == paused && viewer != assign.Lead {
		return 0
	}
	return 1
}
