package light

import (
	"time"
)

const (
	// playout is when a packet is of no use any more: what is missing for longer counts as unrepaired.
	playout = 400 * time.Millisecond
	// How long a missing packet is asked for, from when its absence was seen.
	videoPatience, audioPatience = 500 * time.Millisecond, 100 * time.Millisecond
	// askAgain is the least pause between two requests for a packet.
	askAgain = 20 * time.Millisecond
	// firstNumber leaves room below for packets that come late.
	firstNumber = 1 << 16
	// maxMissing bounds the memory of what is missing.
	maxMissing = 4096
)

// inbound follows one media stream below its decryption. The caller serialises.
type inbound struct {
	audio  bool
	clock  float64
	begun  bool
	first  uint64 // extended sequence numbers (RFC 3550 appendix A.1)
	newest uint64
	absent map[uint64]*absence
	counts Counts

	// For receiver reports.
	jitter     float64
	transit    float64
	reported   struct{ expected, received uint64 }
	senderNTP  uint32
	senderTime time.Time
}

// absence is one missing packet.
type absence struct {
	since, asked time.Time
	counted      bool // as unrepaired
}

// Counts is what has arrived, over all streams of a kind.
type Counts struct {
	// Packets of media, each once; Bytes of them on the wire, without UDP and IP.
	Packets, Bytes uint64
	// Expected packets by the sequence numbers.
	Expected uint64
	// Lost are those that did not come by themselves, Unrepaired those that did not come in time either.
	Lost, Unrepaired uint64
	// Repeated packets, and requests for lost ones.
	Repeated, Requests uint64
	// Checked packets were decrypted; Broken ones were not what their publisher sent.
	Checked, Broken uint64
	// Frames decoded; Freezes are gaps of over 200 ms between two, of Frozen in sum.
	Frames, Freezes uint64
	Frozen          time.Duration
}

// Add sums counts.
func (c Counts) Add(o Counts) Counts {
	return Counts{
		Packets: c.Packets + o.Packets, Bytes: c.Bytes + o.Bytes, Expected: c.Expected + o.Expected,
		Lost: c.Lost + o.Lost, Unrepaired: c.Unrepaired + o.Unrepaired,
		Repeated: c.Repeated + o.Repeated, Requests: c.Requests + o.Requests,
		Checked: c.Checked + o.Checked, Broken: c.Broken + o.Broken,
		Frames: c.Frames + o.Frames, Freezes: c.Freezes + o.Freezes, Frozen: c.Frozen + o.Frozen,
	}
}

// Sub is what came since an earlier count.
func (c Counts) Sub(o Counts) Counts {
	return Counts{
		Packets: c.Packets - o.Packets, Bytes: c.Bytes - o.Bytes, Expected: c.Expected - o.Expected,
		Lost: c.Lost - o.Lost, Unrepaired: c.Unrepaired - o.Unrepaired,
		Repeated: c.Repeated - o.Repeated, Requests: c.Requests - o.Requests,
		Checked: c.Checked - o.Checked, Broken: c.Broken - o.Broken,
		Frames: c.Frames - o.Frames, Freezes: c.Freezes - o.Freezes, Frozen: c.Frozen - o.Frozen,
	}
}

func newInbound(audio bool) *inbound {
	s := &inbound{audio: audio, clock: 90000, absent: map[uint64]*absence{}}
	if audio {
		s.clock = 48000
	}
	return s
}

// packet counts a packet and returns its extended number, and false when it had come before.
func (s *inbound) packet(seq uint16, timestamp uint32, size int, at time.Time) (uint64, bool) {
	if !s.begun {
		s.begun = true
		s.first = firstNumber + uint64(seq)
		s.newest = s.first - 1
	}
	ext := s.newest + uint64(int64(int16(seq-uint16(s.newest)))) // adding a negative number wraps to less
	switch {
	case ext > s.newest:
		for n := s.newest + 1; n < ext && len(s.absent) < maxMissing; n++ {
			s.absent[n] = &absence{since: at}
		}
		s.counts.Lost += ext - s.newest - 1
		s.counts.Expected += ext - s.newest
		s.newest = ext
		s.spread(timestamp, at)
	case !s.found(ext, at):
		s.counts.Repeated++
		return ext, false
	}
	s.counts.Packets++
	s.counts.Bytes += uint64(size)
	return ext, true
}

// found takes a packet off the missing ones; false when it was not among them.
func (s *inbound) found(ext uint64, at time.Time) bool {
	a, missing := s.absent[ext]
	if !missing {
		return false
	}
	if !a.counted && at.Sub(a.since) > playout {
		s.counts.Unrepaired++
	}
	delete(s.absent, ext)
	return true
}

// spread updates the jitter (RFC 3550 section 6.4.1).
func (s *inbound) spread(timestamp uint32, at time.Time) {
	transit := float64(at.UnixNano()%int64(1000*time.Second))/1e9*s.clock - float64(timestamp)
	d := transit - s.transit
	s.transit = transit
	if d = max(d, -d); d < s.clock { // not a jump of the source
		s.jitter += (d - s.jitter) / 16
	}
}

// wanted lists what to ask for now, at most limit numbers, and counts what came too late for good.
func (s *inbound) wanted(now time.Time, trip time.Duration, limit int) []uint16 {
	var out []uint16
	patience := videoPatience
	if s.audio {
		patience = audioPatience
	}
	pause := max(askAgain, trip+trip/5)
	for ext, a := range s.absent {
		age := now.Sub(a.since)
		if age > playout && !a.counted {
			a.counted = true
			s.counts.Unrepaired++
		}
		switch {
		case age > 4*playout:
			delete(s.absent, ext)
		case age <= patience && now.Sub(a.asked) >= pause && len(out) < limit:
			a.asked = now
			out = append(out, uint16(ext))
		}
	}
	s.counts.Requests += uint64(len(out))
	return out
}
