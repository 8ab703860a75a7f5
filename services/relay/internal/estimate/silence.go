package estimate

const (
	quiet  = 600_000 // microseconds in which packets are sent and no feedback comes: the link is dead
	sinks  = 500_000 // microseconds between two halvings
	halved = 0.5
)

// silence is a time in which packets are sent and nothing is heard of them. While nothing is sent, nothing can be heard:
// a camera that is off for a minute says nothing of the link.
type silence struct {
	sent   int64 // when a packet was sent last
	since  int64 // when feedback came last, or the first packet was sent that it has not told of
	silent bool
	halved int64   // when the budget fell last
	former float64 // budget before; 0 when it has been tried again
}

// ask notes that a packet is sent, of which feedback shall tell; allTold says that it has told of all before.
func (q *silence) ask(t int64, allTold bool) {
	if allTold || t-q.sent > quiet {
		q.since = t
	}
	q.sent = t
}

// listen lets the budget fall while packets are sent and nothing is heard.
func (s *Sender) listen(t int64) {
	q := &s.silence
	waiting := s.history.next > s.told && t-q.sent < quiet
	if !waiting || t-q.since < quiet {
		return
	}
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
	s.heard, s.silence.since = t, t
	if s.silence.silent {
		s.silence.silent = false
		s.losses.restart(t)
		s.set(t, Returned, s.rate)
	}
}
