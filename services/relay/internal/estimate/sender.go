package estimate

import (
	"cmp"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/twcc"
)

// Options of a Sender. Zero numbers take the defaults named at each.
type Options struct {
	Start   int // bits per second at the beginning: 2,000,000
	Floor   int // never below, for audio and the lowest layer of the teacher: 150,000
	Ceiling int // never above: 20,000,000
	// Feedback says that the receiver has agreed to transport-wide feedback. Without, receiver reports decide.
	Feedback bool
}

// Sender estimates one connection from what is sent on it and what feedback tells.
type Sender struct {
	floor, ceiling float64
	reports        *downlink // nil with transport-wide feedback
	epoch          time.Time

	history history
	told    uint64 // up to here feedback has told, or was lost
	sent    meter  // on our clock
	arrived meter  // on the receiver's,
	media   meter  // and of it what was not sent to fill a probe
	path    path
	losses  losses

	rate      float64 // what is believed
	want      float64 // what the caller would send if it could; negative when it did not say
	fall      fall
	probe     probe
	heard     int64         // when feedback came last
	latest    int64         // when the newest packet told of was sent
	roundTrip time.Duration // from sending to feedback, the newest packet's; includes the receiver's interval
	silence   silence
	clear     int64 // since when there has been no queue; none while there is one
	reason    Reason
}

// filled has the defaults where nothing is said.
func (o Options) filled() Options {
	o.Start, o.Floor, o.Ceiling = cmp.Or(o.Start, 2_000_000), cmp.Or(o.Floor, 150_000), cmp.Or(o.Ceiling, 20_000_000)
	return o
}

// NewSender begins at Options.Start.
func NewSender(o Options) *Sender {
	o = o.filled()
	s := &Sender{floor: float64(o.Floor), ceiling: float64(o.Ceiling), want: -1, clear: none}
	s.rate = s.bound(float64(o.Start))
	s.reason = Reason{Cause: Reports, From: int(s.rate), To: int(s.rate)}
	s.probe.pause = firstPause
	s.reports = newDownlink(o)
	if o.Feedback {
		s.Agree()
	}
	return s
}

// Agree says, before anything is sent, that the receiver has agreed to transport-wide feedback.
func (s *Sender) Agree() {
	s.reports = nil
	s.reason.Cause = Start
}

// Budget is how many bits per second may be sent now, everything included.
func (s *Sender) Budget() int {
	if s.reports != nil {
		return s.reports.Budget()
	}
	if s.fall.active && s.fall.drain > 0 {
		return int(s.bound(min(s.rate, s.fall.drain)))
	}
	return int(s.rate)
}

// Loss is the share of packets, 0 to 1, that feedback says was lost of the last second's; ok is false without such
// feedback, and when it tells of too few packets.
func (s *Sender) Loss() (loss float64, ok bool) { return s.losses.ratio() }

// Reason is the newest decision.
func (s *Sender) Reason() Reason { return s.reason }

// Want says what the caller would send if the budget allowed it: probes go no further. Until it is said, they go no
// further than 1.5 times what is acknowledged without padding.
func (s *Sender) Want(bitrate int) { s.want = float64(bitrate) }

// Floor changes what the budget never falls below.
func (s *Sender) Floor(bitrate int) {
	s.floor = float64(bitrate)
	s.rate = s.bound(s.rate)
	if s.reports != nil {
		s.reports.floor = s.floor
		s.reports.set(s.reports.budget)
	}
}

// Sent notes a packet with its size on the wire and gives the transport-wide sequence number that it must carry.
func (s *Sender) Sent(now time.Time, size int, kind Kind) (seq uint16) {
	t := s.clock(now)
	if s.told == 0 {
		s.heard, s.told = t, first
	}
	s.silence.ask(t, s.told == s.history.next)
	s.sent.add(t, size)
	s.probe.note(t, s.history.next, size)
	return s.history.add(t, size, kind)
}

// SentAgain notes that a packet went out once more, under the number that it had: the first one was lost, and how long
// the second takes says nothing about queues.
func (s *Sender) SentAgain(now time.Time, size int, seq uint16) {
	t := s.clock(now)
	s.sent.add(t, size)
	ext, ok := s.history.extend(seq)
	if !ok {
		return
	}
	p := s.history.get(ext)
	if p.fate == untold {
		p.fate = lost
		s.losses.add(t, p.sent(t), true)
		s.probe.lost(ext)
	}
	p.kind = twice
}

// Feedback takes what the receiver tells.
func (s *Sender) Feedback(now time.Time, report twcc.Report) {
	base, ok := s.history.extend(report.Base)
	if !ok || s.reports != nil {
		return
	}
	t := s.clock(now)
	s.back(t)
	s.credit(base)
	ext := base
	for status, more := report.Next(); more; status, more = report.Next() {
		if ext >= s.history.next {
			break
		}
		s.tell(t, ext, status)
		ext++
	}
	s.told = max(s.told, ext)
	s.decide(t)
	s.judgeProbe(t)
}

// credit counts packets as arrived that a lost feedback would have told of: that it is missing says nothing of them.
func (s *Sender) credit(base uint64) {
	if base <= s.told || base-s.told > remembered {
		return
	}
	for ext := max(s.told, s.history.next-min(s.history.next, remembered)); ext < base; ext++ {
		if p := s.history.get(ext); p.fate == untold {
			s.count(s.path.arrival, p)
		}
	}
}

// count adds a packet to what arrives.
func (s *Sender) count(at int64, p *packet) {
	s.arrived.add(at, int(p.size))
	if p.kind != Padding {
		s.media.add(at, int(p.size))
	}
}

// tell takes the status of one packet.
func (s *Sender) tell(t int64, ext uint64, status twcc.Status) {
	p := s.history.get(ext)
	sent := p.sent(t)
	if !status.Received {
		if p.fate == untold {
			p.fate = lost
			s.losses.add(t, sent, true)
			s.probe.lost(ext)
		}
		return
	}
	switch p.fate {
	case arrived:
		return
	case lost:
		if p.kind != twice {
			s.losses.found(t, sent)
		}
	case untold:
		s.losses.add(t, sent, false)
	}
	p.fate = arrived
	at := s.path.unwrap(status.At)
	s.count(at, p)
	if p.kind == twice { // nobody knows when it was sent
		return
	}
	if p.kind != Repair {
		s.path.add(at, at-sent)
	}
	s.probe.arrived(ext, sent, at, int(p.size))
	s.latest = max(s.latest, sent)
	s.roundTrip = time.Duration(t-s.latest) * time.Microsecond
}

// acknowledged is what arrived per second over the last buckets of 50 ms.
func (s *Sender) acknowledged(buckets int64) float64 { return s.arrived.rate(s.path.arrival, buckets) }

// clock is a time in microseconds since the first.
func (s *Sender) clock(now time.Time) int64 {
	if s.epoch.IsZero() {
		s.epoch = now.Add(-time.Second)
	}
	return now.Sub(s.epoch).Microseconds()
}

func (s *Sender) bound(rate float64) float64 { return min(max(rate, s.floor), s.ceiling) }

// set changes the budget, or keeps it, and says why.
func (s *Sender) set(t int64, cause Cause, rate float64) {
	from := s.Budget()
	s.rate = s.bound(rate)
	loss, _ := s.losses.ratio()
	s.reason = Reason{
		Cause: cause, At: s.epoch.Add(time.Duration(t) * time.Microsecond), From: from, To: s.Budget(),
		Sent: int(s.sent.rate(t, 10)), Acknowledged: int(s.acknowledged(10)),
		Queue: s.path.queue(2), Loss: loss, LinkLoss: s.losses.own, RoundTrip: s.roundTrip,
	}
}
