package forward

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtcp"

	"github.com/tongke-edu/tongke/services/relay/internal/estimate"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

const (
	// minRepairInterval is the least time between two repairs of one packet; a longer round trip counts instead.
	minRepairInterval = 20 * time.Millisecond
	// maxRepairsPerNack bounds the packets sent again for one NACK, whatever it asks for.
	maxRepairsPerNack = 128
	// originalSeq is the length of the sequence number that begins a retransmission (RFC 4588 section 4).
	originalSeq = 2
)

// repair is the sending side of retransmissions of one slot.
type repair struct {
	seq uint16
	// Made for the first repair or replay: most slots on a good network hardly need them.
	cached []byte // a packet's copy out of the cache
	sent   []byte // the same behind its original sequence number
}

// room is for a packet's copy out of the cache, valid until the next call.
func (r *repair) room() []byte {
	if r.cached == nil {
		r.cached, r.sent = make([]byte, maxPayload), make([]byte, originalSeq+maxPayload)
	}
	return r.cached
}

// nacked sends again what the participant misses, as far as it is still known, not asked for too often, and the way has
// room for it.
func (s *slot) nacked(n *rtcp.TransportLayerNack, now time.Time, way *link, out *wire.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.nacks++
	interval := max(s.outbound.RoundTrip(), minRepairInterval)
	left := maxRepairsPerNack
	for i := range n.Nacks {
		n.Nacks[i].Range(func(seq uint16) bool {
			if sent, ok := s.rewriter.Nack(seq, now, interval); ok {
				if s.audio {
					s.soundAgain(seq, now, out)
				} else {
					s.sendAgain(sent, now, way, out)
				}
			}
			left--
			return left > 0
		})
		if left <= 0 {
			return
		}
	}
}

// sendAgain takes a packet from its layer's cache and sends it as it went out, on the repair stream. A stream without
// one is not repaired: its numbers are sealed once (package srtp). Nor is what came before the last switch: what is
// shown needs nothing of it.
func (s *slot) sendAgain(sent munge.Sent, now time.Time, way *link, out *wire.Batch) {
	if current := s.rewriter.Current(); current != 0 && current != sent.Source {
		return
	}
	from, ok := s.feed(sent.Source)
	if !ok || s.output.Repair == nil || from.payload.Repair == 0 || !from.layer.publication.open.Load() {
		return
	}
	p, ok := from.layer.cache.Get(sent.Ext, s.repair.room())
	if !ok || !way.repairable(now, len(p.Payload)) {
		return
	}
	again := sent.Again(&p, s.scratch)
	h := header(from.payload.Repair, &again)
	h.Seq, h.Kind = s.repair.seq, estimate.Repair
	s.repair.seq++
	payload := append(binary.BigEndian.AppendUint16(s.repair.sent[:0], again.Seq), again.Payload...)
	if err := s.output.Repair.WriteRTP(out, h, payload); err != nil {
		s.counts.dropped++
	}
}

// maxPadding is the most that one packet can be padded with (RFC 3550 section 5.1).
const maxPadding = 255

// pad sends at least so many octets of nothing, which receivers count and throw away. It reports false when the slot
// has no repair stream.
func (s *slot) pad(octets int, out *wire.Batch) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	payload := s.repairPayload()
	if s.output.Repair == nil || payload == 0 {
		return false
	}
	for ; octets > 0; octets -= maxPadding {
		h := Header{Seq: s.repair.seq, PayloadType: payload, Padding: maxPadding, Kind: estimate.Padding}
		s.repair.seq++
		if s.output.Repair.WriteRTP(out, h, nil) != nil {
			break // the way is closed: the probe fails by itself
		}
	}
	return true
}

// repairPayload is a payload type of the repair stream: that of what is shown, else any; 0 for none.
func (s *slot) repairPayload() uint8 {
	if from, ok := s.feed(s.rewriter.Current()); ok {
		return from.payload.Repair
	}
	for _, p := range s.output.Payloads {
		if p.Repair != 0 {
			return p.Repair
		}
	}
	return 0
}
