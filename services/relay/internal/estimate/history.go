package estimate

import "github.com/tongke-edu/tongke/services/relay/internal/munge"

// remembered is how many packets wait for feedback: 2.7 s at 6 Mbit/s. A power of two.
const remembered = 2048

// Kind says what a packet was sent for.
type Kind uint8

// Kinds of packets.
const (
	Media   Kind = iota
	Repair       // a retransmission that the receiver asked for
	Padding      // sent to fill a probe
	twice        // sent a second time under its first number
)

// fate is what feedback has told of a packet.
type fate uint8

const (
	untold fate = iota
	lost        // may still turn out to be late
	arrived
)

// packet is one that was sent.
type packet struct {
	at   uint32 // microseconds, wraps after 71 minutes
	size uint16
	kind Kind
	fate fate
}

// history holds what was sent lately by extended transport-wide sequence number.
type history struct {
	packets [remembered]packet
	next    uint64
}

// first is the first number; 64 Ki below it is room for numbers that never were.
const first = 1 << 17

func (h *history) add(at int64, size int, kind Kind) (seq uint16) {
	if h.next == 0 {
		h.next = first
	}
	h.packets[h.next%remembered] = packet{at: uint32(at), size: uint16(min(size, 1<<16-1)), kind: kind}
	h.next++
	return uint16(h.next - 1)
}

// extend finds the number that is meant; ok is false for what was never sent or is forgotten.
func (h *history) extend(seq uint16) (ext uint64, ok bool) {
	if h.next == 0 {
		return 0, false
	}
	ext = munge.Extend(seq, h.next)
	return ext, ext >= first && ext < h.next && h.next-ext <= remembered
}

func (h *history) get(ext uint64) *packet { return &h.packets[ext%remembered] }

// sent is when a packet was sent, seen from a time not more than an hour later.
func (p *packet) sent(now int64) int64 { return now - int64(uint32(now)-p.at) }
