package forward

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtcp"

	"github.com/tongke-edu/tongke/services/relay/internal/estimate"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// What a viewer's questions for lost packets are granted. At a round trip of 60 ms, with 5, 10, 20 and 30 % lost in both
// directions, of all packets (repair_simulation_test.go)
//
//	                                unrepaired after 400 ms     for good
//	3 times, 1.2 round trips apart  0    0.01  0.3   1.6 %      0    0.005  0.17   1.0 %
//	6 times, a round trip apart     0    0     0.06  0.5 %      0    0      0.002  0.1 %
//
// at the same cost, 1.24 and 1.25 repairs for each lost packet at 20 %. A packet that is lost for good stops the picture
// until the next keyframe: at 20 %, three repairs would let that happen every four seconds, because 0.2^4 of all packets
// and their repairs are lost whatever the viewer does. A wait longer than a round trip would miss every other question
// of a browser, which asks after each.
const (
	// maxRepairs is how often one packet is sent again, if need be.
	maxRepairs = 6
	// minRepairInterval is the least time between two repairs of one packet; a longer round trip counts instead.
	minRepairInterval = 20 * time.Millisecond
	// pictureLife is how far a picture may have gone on until what is missing is given up: a keyframe is cheaper than what
	// came since. The time in which the question was on its way is granted beside it, up to maxRepairTrip.
	pictureLife   = 500 * time.Millisecond
	maxRepairTrip = 300 * time.Millisecond
	// renewalPause is the least time between two keyframes for what was given up.
	renewalPause = 2 * time.Second
	// maxRepairsPerNack bounds the packets sent again for one NACK, whatever it asks for.
	maxRepairsPerNack = 128
	// originalSeq is the length of the sequence number that begins a retransmission (RFC 4588 section 4).
	originalSeq = 2
)

// repair is the sending side of retransmissions of one slot.
type repair struct {
	seq     uint16
	renewed time.Time // when a keyframe was last asked for in place of what was given up
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

// grants is what a viewer so far away may ask for.
func grants(trip time.Duration) munge.Limits {
	return munge.Limits{
		Most: maxRepairs, Interval: max(trip, minRepairInterval), Life: pictureLife + min(trip, maxRepairTrip),
	}
}

// nacked sends again what the participant misses, as far as it is still known and of use, not asked for too often, and
// the way has room for it. It returns the layer that has to begin anew because something of it is given up, or nil.
func (s *slot) nacked(n *rtcp.TransportLayerNack, now time.Time, way *link, out *wire.Batch) (lost *Layer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.nacks++
	granted := grants(s.outbound.RoundTrip())
	left := maxRepairsPerNack
	for i := range n.Nacks {
		n.Nacks[i].Range(func(seq uint16) bool {
			switch sent, grant := s.rewriter.Nack(seq, now, granted); {
			case grant == munge.Granted && s.audio:
				s.soundAgain(seq, now, out)
				s.rewriter.Resent(sent, now)
			case grant == munge.Granted:
				if s.sendAgain(sent, now, way, out) {
					s.rewriter.Resent(sent, now)
				}
			case grant == munge.GivenUp && !s.audio && now.Sub(s.repair.renewed) >= renewalPause:
				s.repair.renewed, lost = now, s.shown()
			}
			left--
			return left > 0
		})
		if left <= 0 {
			break
		}
	}
	return lost
}

// shown is the layer that goes out now, or nil. The caller holds mu.
func (s *slot) shown() *Layer {
	f, _ := s.feed(s.rewriter.Current())
	return f.layer
}

// sendAgain takes a packet from its layer's cache and sends it as it went out, on the repair stream. A stream without
// one is not repaired: its numbers are sealed once (package srtp). Nor is what came before the last switch: what is
// shown needs nothing of it. It reports whether the packet went out.
func (s *slot) sendAgain(sent munge.Sent, now time.Time, way *link, out *wire.Batch) bool {
	if current := s.rewriter.Current(); current != 0 && current != sent.Source {
		return false
	}
	from, ok := s.feed(sent.Source)
	if !ok || s.output.Repair == nil || from.payload.Repair == 0 || !from.layer.publication.open.Load() {
		return false
	}
	p, ok := from.layer.cache.Get(sent.Ext, s.repair.room())
	if !ok || !way.repairable(now, len(p.Payload)) {
		return false
	}
	again := sent.Again(&p, s.scratch)
	h := header(from.payload.Repair, &again)
	h.Seq, h.Kind = s.repair.seq, estimate.Repair
	s.repair.seq++
	payload := append(binary.BigEndian.AppendUint16(s.repair.sent[:0], again.Seq), again.Payload...)
	if err := s.output.Repair.WriteRTP(out, h, payload); err != nil {
		s.counts.dropped++
		return false
	}
	return true
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
