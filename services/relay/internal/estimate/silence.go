package estimate

const (
	quiet  = 600_000 // microseconds without feedback: the link is dead
	sinks  = 500_000 // microseconds between two halvings
	halved = 0.5
)

// silence is a time without feedback.
type silence struct {
	silent bool
	halved int64   // when the budget fell last
	former float64 // budget before; 0 when it has been tried again
}

// listen lets the budget fall while packets are sent and nothing is heard.
func (s *Sender) listen(t int64) {
	waiting := s.told != 0 && s.history.next > s.told
	if !waiting || t-s.heard < quiet {
		return
	}
	q := &s.silence
	if !q.silent {
		q.silent, q.former = true, max(q.former, s.rate)
		s.failProbe(t)
		s.fall.active = false
	} else if t-q.halved < sinks {
		return
	}
	q.halved = t
	if s.rate > s.floor {
		s.set(t, Silence, halved*s.rate)
	}
}

// back notes that feedback has come. What was lost while there was none says nothing of the link as it is now.
func (s *Sender) back(t int64) {
	s.heard = t
	if s.silence.silent {
		s.silence.silent = false
		s.losses.restart(t)
		s.set(t, Returned, s.rate)
	}
}
