package estimate

import "time"

const (
	step       = 1.5     // of the budget, by which a probe exceeds it
	calm       = 500_000 // microseconds without a queue before a probe
	fresh      = 300_000 // microseconds: the longest age of the last feedback
	shortest   = 300_000 // microseconds of a probe,
	longest    = 600_000 // so that it has enough packets
	enough     = 20 * 1200 * 8
	again      = 250_000 // microseconds from a success to the next probe
	firstPause = 2_000_000
	pauseGrows = 1.5
	mostPause  = 6_000_000
	verdictDue = 2_000_000 // microseconds after its end until a probe without feedback has failed

	growth = 15 * time.Millisecond // of the queue by which a probe has filled the path
)

// probe is a time in which more is sent than the budget, to see whether it fits.
type probe struct {
	active       bool // until its verdict
	target       float64
	began, until int64
	first, last  uint64 // numbers of its packets; first is 0 before one was sent
	octets       int
	before       time.Duration // queue

	told, missing int
	received      int   // octets, without the first that arrived
	begin, end    int64 // arrivals
	third         int64 // when its last third begins,
	tail          int64 // and the least delay in it

	next  int64 // not before
	pause int64 // after the next failure
}

// Probe says that more should be sent now than the budget, to find out whether it fits. Ask at least every 20 ms and
// stop as soon as it says no. Padding says how much to send; packets sent for nothing but this are of kind Padding.
func (s *Sender) Probe(now time.Time) bool {
	if s.reports != nil {
		return false
	}
	t := s.clock(now)
	s.listen(t)
	p := &s.probe
	if p.active && t > p.until+verdictDue {
		s.failProbe(t)
	}
	return (p.active || s.begin(t)) && t < p.until
}

// Padding is how many octets are missing now from what the probe wants to have been sent; 0 without one.
func (s *Sender) Padding(now time.Time) int {
	t, p := s.clock(now), &s.probe
	if !p.active || t >= p.until {
		return 0
	}
	return max(int(p.target*float64(t-p.began)/8e6)-p.octets, 0)
}

// begin starts a probe when one may be.
func (s *Sender) begin(t int64) bool {
	p := &s.probe
	if s.fall.active || s.silence.silent || t < p.next || s.clear == none || t-s.clear < calm || t-s.heard > fresh {
		return false
	}
	target := min(max(step*s.rate, s.silence.former), s.wanted(), s.ceiling)
	if target < 1.05*s.rate {
		return false
	}
	s.silence.former = 0
	lasting := min(max(int64(enough*1e6/target), shortest), longest)
	*p = probe{
		active: true, target: target, began: t, until: t + lasting, third: t + lasting*2/3,
		before: s.path.queue(2), tail: none, pause: p.pause,
	}
	return true
}

// wanted is how far the budget may rise.
func (s *Sender) wanted() float64 {
	if s.want < 0 {
		return step * s.media.rate(s.path.arrival, 20)
	}
	return s.want
}

// note takes a packet that is sent while the probe lasts.
func (p *probe) note(t int64, ext uint64, size int) {
	if !p.active || t >= p.until {
		return
	}
	if p.first == 0 {
		p.first = ext
	}
	p.last = ext
	p.octets += size
}

func (p *probe) has(ext uint64) bool {
	return p.active && p.first != 0 && ext >= p.first && ext <= p.last
}

func (p *probe) lost(ext uint64) {
	if p.has(ext) {
		p.told++
		p.missing++
	}
}

func (p *probe) arrived(ext uint64, sent, at int64, size int) {
	if !p.has(ext) {
		return
	}
	p.told++
	if p.begin == 0 {
		p.begin, p.end = at, at
	} else {
		p.received += size
		p.end = max(p.end, at)
	}
	if sent >= p.third {
		p.tail = min(p.tail, at-sent)
	}
}

// judgeProbe gives the verdict when feedback has told of the last packet.
func (s *Sender) judgeProbe(t int64) {
	p := &s.probe
	if !p.active || t < p.until || s.told <= p.last {
		return
	}
	proven, whole := s.proven()
	if whole && proven > 1.02*s.rate {
		p.active, p.pause, p.next = false, firstPause, t+again
		s.set(t, Probed, proven)
		return
	}
	s.failProbe(t)
	if proven > 1.02*s.rate {
		s.set(t, Probed, proven)
	}
}

// proven is the bitrate that a probe has shown to fit; whole when the path showed no end.
func (s *Sender) proven() (bitrate float64, whole bool) {
	p := &s.probe
	if p.tail == none || p.end <= p.begin || p.told == 0 {
		return 0, false
	}
	if float64(p.missing)/float64(p.told)-s.losses.own > highLoss {
		return 0, false
	}
	if s.path.above(p.tail)-p.before <= growth {
		return min(float64(p.octets)*8e6/float64(p.until-p.began), p.target), true
	}
	return 0.9 * float64(p.received) * 8e6 / float64(p.end-p.begin), false
}

// failProbe ends a probe, if there is one, without success. The next one has to wait longer.
func (s *Sender) failProbe(t int64) {
	p := &s.probe
	if !p.active {
		return
	}
	p.active = false
	p.next = t + p.pause
	p.pause = min(int64(pauseGrows*float64(p.pause)), mostPause)
	s.set(t, ProbeFailed, s.rate)
}
