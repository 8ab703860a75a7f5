package forward

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
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
	seq    uint16
	header rtp.Header
	// Made for the first repair or replay: most slots on a good network hardly need them.
	cached []byte // a packet's copy out of the cache
	out    []byte // the same behind its original sequence number
}

// room is for a packet's copy out of the cache, valid until the next call.
func (r *repair) room() []byte {
	if r.cached == nil {
		r.cached, r.out = make([]byte, maxPayload), make([]byte, originalSeq+maxPayload)
	}
	return r.cached
}

// nacked sends again what the participant misses, as far as it is still known and not asked for too often.
func (s *slot) nacked(n *rtcp.TransportLayerNack, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.nacks++
	interval := max(s.outbound.RoundTrip(), minRepairInterval)
	left := maxRepairsPerNack
	for i := range n.Nacks {
		n.Nacks[i].Range(func(seq uint16) bool {
			if sent, ok := s.rewriter.Nack(seq, now, interval); ok {
				s.sendAgain(sent)
			}
			left--
			return left > 0
		})
		if left <= 0 {
			return
		}
	}
}

// sendAgain takes a packet from its layer's cache and sends it as it went out, on the repair stream where one was
// negotiated.
func (s *slot) sendAgain(sent munge.Sent) {
	from, ok := s.feed(sent.Source)
	if !ok || s.output.Writer == nil || !from.layer.publication.open.Load() {
		return
	}
	p, ok := from.layer.cache.Get(sent.Ext, s.repair.room())
	if !ok {
		return
	}
	out := sent.Again(&p, s.scratch)
	s.repair.header = rtp.Header{
		Version:        2,
		Marker:         out.Marker,
		PayloadType:    from.payload.Type,
		SequenceNumber: out.Seq,
		Timestamp:      out.Timestamp,
		SSRC:           s.output.SSRC,
	}
	payload := out.Payload
	separate := s.output.RepairSSRC != 0 && from.payload.Repair != 0
	if separate {
		payload = append(binary.BigEndian.AppendUint16(s.repair.out[:0], out.Seq), out.Payload...)
		s.repair.header.PayloadType = from.payload.Repair
		s.repair.header.SSRC = s.output.RepairSSRC
		s.repair.header.SequenceNumber = s.repair.seq
		s.repair.seq++
	}
	if _, err := s.output.Writer.WriteRTP(&s.repair.header, payload); err != nil {
		s.counts.dropped++
	} else if !separate {
		s.outbound.Resent(len(payload))
	}
}
