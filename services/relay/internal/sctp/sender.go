package sctp

import (
	"encoding/binary"
	"time"
)

const (
	missedToRetransmit = 3
	maxBurst           = 4 // packets that may leave at once beyond what is on its way (RFC 9260 section 6.1 D)
	// maxExpiries is how often in a row the peer may leave everything unanswered: about a minute and a half.
	maxExpiries = 20
)

// sender decides what is sent when: acknowledgements, retransmission and congestion control (RFC 9260 sections 6 and
// 7). Octets are those of whole chunks.
type sender struct {
	queue  queue
	mtu    int
	flight int // octets on their way
	window int // octets that the peer takes

	cwnd, ssthresh int
	grown          int    // octets acknowledged since cwnd grew last, above ssthresh
	recovering     bool   // since a fast retransmission, until
	exit           uint32 // this TSN is acknowledged
	urgent         bool   // a fast retransmission is due: one packet whatever cwnd says

	turn     uint64
	rto      rto
	deadline time.Time
	expiries int
	last     time.Time // something was sent
}

func (s *sender) init(p Params, tsn uint32) {
	s.queue.init(p, tsn)
	s.mtu = p.MTU
	s.cwnd = s.initialCwnd()
	s.rto.init()
}

// initialCwnd is that of RFC 9260 section 7.2.1.
func (s *sender) initialCwnd() int { return min(4*s.mtu, max(2*s.mtu, 4404)) }

// start learns the peer's window.
func (s *sender) start(window uint32) {
	s.window, s.ssthresh = clampWindow(window), clampWindow(window)
}

// clampWindow keeps a window within what sums of it may not overflow.
func clampWindow(octets uint32) int { return int(min(octets, 1<<30)) }

// rest brings the congestion window down when nothing was sent for long: what is known of the path is old.
func (s *sender) rest(now time.Time) {
	if s.flight == 0 && now.Sub(s.last) > s.rto.value {
		s.cwnd = min(s.cwnd, s.initialCwnd())
	}
}

// budget is how many octets have to be on their way before nothing more is sent. The last chunk may go beyond it.
func (s *sender) budget() int { return min(s.cwnd, s.flight+(maxBurst-1)*s.mtu+1) }

// next returns the first chunk at or after an index that is to be sent: what is lost before what is new, and only what
// the congestion window and the peer's window allow. One chunk may always be on its way, which asks a peer without
// room whether it has some again. urgent lets one that is lost pass.
func (s *sender) next(from, budget int, urgent bool) (int, bool) {
	all := s.queue.all()
	sent := len(all) - s.queue.waiting
	for i := from; i < sent; i++ {
		if all[i].progress == lost {
			return i, urgent || s.flight < budget
		}
	}
	i := max(from, sent)
	if i >= len(all) || s.flight >= budget {
		return 0, false
	}
	return i, s.flight == 0 || s.flight+all[i].size <= s.window
}

// mark notes that a chunk is being sent.
func (s *sender) mark(now time.Time, i int) {
	c := &s.queue.all()[i]
	if c.progress == waiting {
		s.queue.waiting--
	} else {
		c.again = true
	}
	s.turn++
	c.progress, c.missed, c.sent, c.turn = flying, 0, now, s.turn
	s.flight += c.size
	s.last = now
	if i == 0 || s.deadline.IsZero() {
		s.deadline = now.Add(s.rto.value)
	}
}

// land takes a chunk off its way. It returns how many octets the peer acknowledges for the first time.
func (s *sender) land(c *outgoing) int {
	switch c.progress {
	case flying:
		s.flight -= c.size
		return c.size
	case lost:
		return c.size
	default:
		return 0
	}
}

// acknowledge takes the cumulative TSN of a SACK. It returns how many octets are acknowledged for the first time and
// which of these was sent last.
func (s *sender) acknowledge(now time.Time, cumulative uint32) (octets int, news uint64, err error) {
	count := int32(cumulative - s.queue.tsn + 1)
	if int(count) > len(s.queue.sent()) {
		return 0, 0, ErrViolation
	}
	var measured time.Time
	for range max(count, 0) {
		c := &s.queue.all()[0]
		if fresh := s.land(c); fresh > 0 {
			octets += fresh
			news = max(news, c.turn)
			if !c.again {
				measured = c.sent
			}
		}
		s.queue.pop()
	}
	if !measured.IsZero() {
		s.rto.measure(now.Sub(measured))
	}
	if s.recovering && !before(cumulative, s.exit) {
		s.recovering = false
	}
	return octets, news, nil
}

// sack takes a SACK chunk.
func (s *sender) sack(now time.Time, body []byte) error {
	if len(body) < sackHeader-chunkHeader {
		return ErrMalformed
	}
	cumulative := binary.BigEndian.Uint32(body)
	gaps := int(binary.BigEndian.Uint16(body[8:]))
	blocks := body[sackHeader-chunkHeader:]
	if len(blocks) < 4*gaps {
		return ErrMalformed
	}
	if before(cumulative, s.queue.tsn-1) {
		return nil // older than another
	}
	moved, full := cumulative != s.queue.tsn-1, s.flight >= s.cwnd
	octets, news, err := s.acknowledge(now, cumulative)
	if err != nil {
		return err
	}
	more, later := s.readGaps(blocks[:4*gaps])
	octets, news = octets+more, max(news, later)
	s.window = clampWindow(binary.BigEndian.Uint32(body[4:]))
	if octets > 0 {
		s.rto.relax()
	}
	if octets > 0 || s.window == 0 { // one that has no room yet is alive
		s.expiries = 0
	}
	s.countMissed(news)
	if moved {
		s.grow(octets, full)
	}
	switch {
	case len(s.queue.sent()) == 0:
		s.deadline = time.Time{}
	case moved || s.deadline.IsZero():
		s.deadline = now.Add(s.rto.value)
	}
	return nil
}

// readGaps takes the gap blocks of a SACK, which go upwards. What was reported before and is not any more counts as
// being on its way again: a peer may throw away what it cannot deliver yet.
func (s *sender) readGaps(blocks []byte) (octets int, news uint64) {
	from, to := 0, 0
	sent := s.queue.sent()
	for i := range sent {
		for offset := i + 1; offset > to && len(blocks) > 0; blocks = blocks[4:] {
			from, to = int(binary.BigEndian.Uint16(blocks)), int(binary.BigEndian.Uint16(blocks[2:]))
		}
		c := &sent[i]
		switch inside := from <= i+1 && i+1 <= to; {
		case inside && c.progress != arrived:
			octets += s.land(c)
			c.progress = arrived
			news = max(news, c.turn)
		case !inside && c.progress == arrived:
			c.progress = flying
			s.flight += c.size
		}
	}
	return octets, news
}

// countMissed notes what something sent later has overtaken, and has it sent again at the third time (RFC 9260 section
// 7.2.4). "Later" goes by the order of sending, not by TSN as there: so a lost retransmission is noticed, too, instead
// of waiting for the timer.
func (s *sender) countMissed(news uint64) {
	found := false
	sent := s.queue.sent()
	for i := range sent {
		c := &sent[i]
		if c.progress != flying || c.turn >= news {
			continue
		}
		if c.missed++; c.missed >= missedToRetransmit {
			c.progress = lost
			s.flight -= c.size
			found = true
		}
	}
	if !found {
		return
	}
	s.urgent = true
	if !s.recovering {
		s.recovering = true
		s.exit = s.queue.tsn + uint32(len(sent)) - 1
		s.ssthresh = max(s.cwnd/2, 4*s.mtu)
		s.cwnd, s.grown = s.ssthresh, 0
	}
}

// grow widens the congestion window after a SACK that moved on, if the window was used (RFC 9260 section 7.2).
func (s *sender) grow(octets int, full bool) {
	switch {
	case s.recovering:
	case s.cwnd <= s.ssthresh:
		if full {
			s.cwnd += min(octets, s.mtu)
		}
	default:
		if s.grown += octets; s.grown >= s.cwnd && full {
			s.grown -= s.cwnd
			s.cwnd += s.mtu
		}
	}
	if s.flight == 0 {
		s.grown = 0
	}
}

// expire counts everything on its way as lost (RFC 9260 section 6.3.3).
func (s *sender) expire() error {
	if s.expiries++; s.expiries > maxExpiries {
		return ErrUnanswered
	}
	sent := s.queue.sent()
	for i := range sent {
		if sent[i].progress == flying {
			sent[i].progress = lost
		}
	}
	s.flight = 0
	s.ssthresh = max(s.cwnd/2, 4*s.mtu)
	s.cwnd, s.grown, s.recovering, s.urgent = s.mtu, 0, false, false
	s.rto.double()
	s.deadline = time.Time{} // set again by what is sent
	return nil
}
