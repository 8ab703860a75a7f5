package munge

import (
	"math/bits"
	"time"
)

const (
	defaultHistory = 512
	// maxResends bounds how often one packet is sent again to one subscriber.
	maxResends = 10
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
	resends  uint8
}

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

// again finds what went out as seq and counts the resend, unless it is refused.
func (h *history) again(seq uint16, now time.Time, interval time.Duration) (Sent, bool) {
	if h.ring == nil {
		return Sent{}, false
	}
	r := h.at(seq)
	if r.Source == 0 || r.seq != seq || r.resends >= maxResends {
		return Sent{}, false
	}
	if h.start.IsZero() {
		h.start = now
	}
	since := uint16(now.Sub(h.start).Milliseconds())
	if r.resends > 0 && time.Duration(since-r.resentAt)*time.Millisecond < interval {
		return Sent{}, false
	}
	r.resends, r.resentAt = r.resends+1, since
	return *r, true
}
