package forward

import (
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/red"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// maxRepeats is the largest payload that frames are repeated in: a packet of it passes every network.
const maxRepeats = 1100

const (
	// soundLife is how long lost sound is of use to a listener; repairs that would come later are not sent.
	soundLife = 100 * time.Millisecond
	// maxSoundTrip bounds the round trip that is granted beside it.
	maxSoundTrip = 200 * time.Millisecond
)

// repeats are the packets of a run once more, each with the frames before it (package red), in the same order. They are
// made once for all who listen: only the payload type of Opus differs between them.
type repeats struct {
	octets []byte
	ends   []int
}

// add makes the next one.
func (r *repeats) add(e *red.Encoder, p *munge.Packet) {
	r.octets = e.Encode(r.octets, 0, p.Timestamp, p.Payload, maxRepeats)
	r.ends = append(r.ends, len(r.octets))
}

func (r *repeats) of(i int) []byte {
	first := 0
	if i > 0 {
		first = r.ends[i-1]
	}
	return r.octets[first:r.ends[i]]
}

func (r *repeats) clear() { r.octets, r.ends = r.octets[:0], r.ends[:0] }

// sound sends the packet of a run with some number, with the frames before it where the participant loses packets. The
// numbers go on whether frames are repeated or not. The caller holds mu.
func (s *slot) sound(from feed, r *run, i int, out *wire.Batch) {
	p := &r.packets[i]
	rewritten, ok := s.rewriter.Rewrite(from.layer.id, p, s.scratch)
	if !ok {
		return
	}
	if rewritten.Switched {
		s.first, s.beginning = p.Timestamp, true
	}
	payload := from.payload.Type
	if s.output.Red != 0 && s.protection.needed() && s.mayRepeat(p, r.repeats.of(i)) {
		rewritten.Payload = append(s.scratch[:0], r.repeats.of(i)...)
		red.Renumber(rewritten.Payload, payload)
		payload = s.output.Red
	}
	s.send(payload, &rewritten, captured(p), out)
}

// mayRepeat reports whether all that a packet repeats is from after the slot's last switch. What came before was not
// for this slot: the microphone may have been closed, and the participant's clock of the stream belongs to another.
func (s *slot) mayRepeat(p *munge.Packet, repeated []byte) bool {
	since := p.Timestamp - s.first
	s.beginning = s.beginning && since <= red.MaxOffset
	return !s.beginning || red.Oldest(repeated) <= since
}

// soundAgain sends a lost packet of sound once more if the participant can still use it: the packet and the question
// for it were on their way for a round trip. The caller holds mu.
func (s *slot) soundAgain(seq uint16, now time.Time, out *wire.Batch) {
	if s.output.Again != nil {
		s.output.Again.Again(out, seq, now.Add(-soundLife-min(s.outbound.RoundTrip(), maxSoundTrip)))
	}
}
