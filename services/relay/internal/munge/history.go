package munge

import (
	"math/bits"
	"time"
)

const defaultHistory = 512

// Limits are what a subscriber's questions for one packet are granted.
type Limits struct {
	// Most is how often the packet is sent again.
	Most int
	// Interval is the least time between two times. With a round trip, no packet is sent again while the last repair may
	// still be on its way.
	Interval time.Duration
	// Life is how far the stream may have gone on since the packet could be missed; 0: without end.
	Life time.Duration
}

// Grant is what a question gets.
type Grant uint8

const (
	// Refused is one for a packet that is unknown, or was sent again a moment ago.
	Refused Grant = iota
	// Granted asks to send the packet again, and to say so with Rewriter.Resent.
	Granted
	// GivenUp is a packet that is beyond the limits, where no keyframe has gone out since. It is said once for each.
	GivenUp
)

// Sent is the memory of one outgoing packet.
type Sent struct {
	// Ext and Source find the packet in the layer's cache.
	Ext    uint64
	Source Source

	timestamp uint32
	seq       uint16
	picture   uint16
	// When it was asked for again the last time, and how often. In this order a packet takes 24 octets; there are
	// hundreds of them for each slot.
	resentAt uint16 // milliseconds since the history's start, wraps after a minute
	tl0      uint8
	resends  uint8 // forgotten when it has been given up
}

// forgotten is more often than any packet is sent again.
const forgotten = 255

// Again rebuilds the packet exactly as it went out the first time. p needs Format, Description, Marker and
// Payload as the cache kept them.
func (s Sent) Again(p *Packet, scratch []byte) Out {
	return Out{Seq: s.seq, Timestamp: s.timestamp, Marker: p.Marker, Payload: s.payload(p, scratch)}
}

// payload is p's own, or a copy in scratch where the picture id differs.
func (s Sent) payload(p *Packet, scratch []byte) []byte {
	if p.descriptor.picture == 0 && p.descriptor.tl0 == 0 {
		return p.Payload
	}
	out := append(scratch[:0], p.Payload...)
	p.descriptor.rewrite(out, s.picture, s.tl0)
	return out
}

// history is a ring over the outgoing sequence numbers. It takes memory with open: most slots stay empty.
type history struct {
	size  int
	ring  []Sent
	start time.Time
}

func newHistory(size int) history {
	if size <= 0 {
		size = defaultHistory
	}
	return history{size: 1 << bits.Len(uint(min(size, 1<<15)-1))}
}

// open makes the history ready for packets.
func (h *history) open() {
	if h.ring == nil {
		h.ring = make([]Sent, h.size)
	}
}

// put remembers s in the place of what went out len(ring) packets ago.
func (h *history) put(s Sent) { *h.at(s.seq) = s }

// has reports whether s went out already.
func (h *history) has(s Sent) bool {
	r := h.at(s.seq)
	return r.Source == s.Source && r.Ext == s.Ext && r.seq == s.seq
}

func (h *history) at(seq uint16) *Sent { return &h.ring[int(seq)&(len(h.ring)-1)] }

// find is what went out as seq; nil when it is unknown or too old.
func (h *history) find(seq uint16) *Sent {
	if h.ring == nil {
		return nil
	}
	if s := h.at(seq); s.Source != 0 && s.seq == seq {
		return s
	}
	return nil
}

// settled reports whether the last repair of s would have come by now, and no question of before is on its way.
func (h *history) settled(s *Sent, now time.Time, interval time.Duration) bool {
	return s.resends == 0 || time.Duration(h.clock(now)-s.resentAt)*time.Millisecond >= interval
}

// resent counts.
func (h *history) resent(s *Sent, now time.Time) { s.resends, s.resentAt = s.resends+1, h.clock(now) }

func (h *history) clock(now time.Time) uint16 {
	if h.start.IsZero() {
		h.start = now
	}
	return uint16(now.Sub(h.start).Milliseconds())
}
