package forward

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/allocate"
	"github.com/tongke-edu/tongke/services/relay/internal/assign"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/report"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

const (
	videoClock = 90000
	audioClock = 48000
	// How many packets can be sent again: about 2 s of picture; sound is hardly ever asked for.
	videoHistory = 512
	audioHistory = 64
	// maxPayload is the largest RTP payload that is rewritten or sent again.
	maxPayload = 1500
	// remembered is how many layers a slot knows at once: the one it shows, the one it waits for, and older ones
	// whose packets may still be asked for again.
	remembered = 4
	// defaultHeight is what a video slot gets before its participant says how large it is shown.
	defaultHeight = 720
)

// feed is a layer that fills a slot, with the payload types of the slot's connection. The zero feed is none.
type feed struct {
	layer   *Layer
	payload Payload
}

// slot is one receive section of a connection.
type slot struct {
	id    string
	audio bool
	mid   string
	// protection is the connection's; nil for pictures.
	protection *protection

	// Owned by the lesson.
	source     assign.SourceID // what it carries, or is about to
	generation uint64
	pending    bool // waits for SlotAck or its timeout
	wantSource assign.SourceID
	asked      int // the height that its participant wants
	share      allocate.Slot
	chosen     *Layer
	paused     relayv1.PauseReason // as the participant was told
	top        uint8               // highest temporal layer of chosen that is wanted
	narrowed   time.Time           // since when fewer than wanted go out; zero while that is not so

	mu       sync.Mutex
	output   Output // zero until the connection is up
	rewriter *munge.Rewriter
	outbound *report.Outbound
	feeds    [remembered]feed // newest first
	behind   cursor           // while a replay is under way
	closed   bool             // the gate of the source was closed at the last packet
	// first is the source's timestamp at the last switch of sound, and beginning tells that repeats may reach back
	// behind it.
	first     uint32
	beginning bool
	scratch   []byte
	repair    repair
	counts    slotCounts
}

// slotCounts are what happened since the last sample.
type slotCounts struct {
	nacks, keyframeRequests, dropped uint32
}

func newSlot(audio bool, index int, mid string) *slot {
	s := &slot{
		id:      slotID(audio, index),
		audio:   audio,
		mid:     mid,
		asked:   defaultHeight,
		scratch: make([]byte, 0, maxPayload),
	}
	clock, history := uint32(videoClock), videoHistory
	if audio {
		clock, history = audioClock, audioHistory
	}
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails (crypto/rand)
	s.rewriter = munge.NewRewriter(munge.Params{
		ClockRate:      clock,
		History:        history,
		FirstSeq:       firstSeq(seed[:]),
		FirstTimestamp: binary.BigEndian.Uint32(seed[2:]),
	})
	s.outbound = report.NewOutbound(clock)
	s.repair.seq = firstSeq(seed[6:])
	return s
}

// firstSeq is a first sequence number far from the end: a loss at the first rollover would hide it from the receiver
// (RFC 3711 section 3.3.1).
func firstSeq(seed []byte) uint16 { return binary.BigEndian.Uint16(seed) >> 1 }

// connect makes the slot ready to send.
func (s *slot) connect(o Output) {
	s.mu.Lock()
	s.output = o
	s.mu.Unlock()
}

// write sends the packets of a layer as far as the slot carries them. It is called for all layers that the slot is
// attached to, by whoever read the packets or helps, for two layers perhaps at once. It allocates nothing.
func (s *slot) write(r *run, out *wire.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := r.layer
	from, ok := s.feed(l.id)
	if !ok || s.output.Media == nil {
		return
	}
	if !l.publication.open.Load() {
		if s.rewriter.Current() == l.id { // what the slot has left may close without disturbing what it shows
			s.halt()
		}
		return
	}
	s.closed = false
	for i := range r.packets {
		p := &r.packets[i]
		switch {
		case s.audio:
			s.sound(from, r, i, out)
		case s.ahead(l, p.Ext):
		case p.Keyframe && !p.Newest && s.rewriter.Waiting() == l.id:
			s.rewindRepaired(from, p, out)
		default:
			s.forward(from, p, captured(p), out)
		}
	}
}

// forward rewrites and sends one packet, whose content sender reports count as captured at some time. The caller
// holds mu.
func (s *slot) forward(from feed, p *munge.Packet, captured time.Time, out *wire.Batch) {
	if rewritten, ok := s.rewriter.Rewrite(from.layer.id, p, s.scratch); ok {
		s.send(from.payload.Type, &rewritten, captured, out)
	}
}

// send sends a rewritten packet. The caller holds mu.
func (s *slot) send(payloadType uint8, p *munge.Out, captured time.Time, out *wire.Batch) {
	if err := s.output.Media.WriteRTP(out, header(payloadType, p), p.Payload); err != nil {
		s.counts.dropped++
		return
	}
	s.outbound.Packet(p.Seq, p.Timestamp, captured, len(p.Payload))
}

func header(payloadType uint8, p *munge.Out) Header {
	return Header{Seq: p.Seq, Timestamp: p.Timestamp, PayloadType: payloadType, Marker: p.Marker}
}

// captured is when a packet's content was taken, or where that is not known, when it arrived.
func captured(p *munge.Packet) time.Time {
	if p.Captured.IsZero() {
		return p.Arrival
	}
	return p.Captured
}

// halt stops the source whose gate is closed: what comes after must begin anew, without a gap in the numbers.
func (s *slot) halt() {
	if !s.closed {
		s.closed = true
		s.rewriter.Interrupt()
	}
}

// feed finds a layer among those that the slot remembers.
func (s *slot) feed(id munge.Source) (feed, bool) {
	for _, f := range s.feeds {
		if f.layer != nil && f.layer.id == id {
			return f, true
		}
	}
	return feed{}, false
}

// target switches to temporal layers up to top of l at its next keyframe. It reports false when the participant cannot
// decode l's codec.
func (s *slot) target(l *Layer, top uint8) bool {
	s.mu.Lock()
	payload, ok := s.output.Payloads[l.track.Codec]
	if ok {
		s.remember(feed{l, payload})
		s.rewriter.Target(l.id)
		s.rewriter.Thin(l.id, top)
	}
	s.mu.Unlock()
	if ok {
		l.attach(s)
	}
	return ok
}

// remember makes room by forgetting the oldest layer that is not shown.
func (s *slot) remember(f feed) {
	if _, known := s.feed(f.layer.id); known {
		return
	}
	oldest := remembered - 1
	if l := s.feeds[oldest].layer; l != nil && l.id == s.rewriter.Current() {
		oldest--
	}
	if forgotten := s.feeds[oldest].layer; forgotten != nil {
		forgotten.detach(s)
	}
	copy(s.feeds[1:oldest+1], s.feeds[:oldest])
	s.feeds[0] = f
}

// clear stops sending; packets already sent can still be asked for again.
func (s *slot) clear() {
	s.mu.Lock()
	s.rewriter.Clear()
	s.mu.Unlock()
	s.settle()
}

// forget drops the layers of a connection. It reports whether the slot carried or awaited one of them.
func (s *slot) forget(c *Connection) (carried bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.feeds {
		if f.layer == nil || f.layer.publication.connection != c {
			continue
		}
		if f.layer.id == s.rewriter.Current() || f.layer.id == s.rewriter.Waiting() {
			s.rewriter.Clear()
			carried = true
		}
		s.feeds[i] = feed{}
	}
	return carried
}

// settle leaves the layers that are neither shown nor awaited.
func (s *slot) settle() {
	s.mu.Lock()
	current, waiting, feeds := s.rewriter.Current(), s.rewriter.Waiting(), s.feeds
	s.mu.Unlock()
	for _, f := range feeds {
		if f.layer != nil && f.layer.id != current && f.layer.id != waiting {
			f.layer.detach(s)
		}
	}
}

// waitingFor is the layer whose keyframe the slot needs, or nil.
func (s *slot) waitingFor() *Layer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.feed(s.rewriter.Waiting()); ok {
		return f.layer
	}
	return nil
}

// takeSample ends the window of one second. The height is of the layer that is sent now.
func (s *slot) takeSample(now time.Time) (sent report.OutboundSample, counts slotCounts, roundTrip time.Duration, height uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent, counts, roundTrip = s.outbound.Sample(now), s.counts, s.outbound.RoundTrip()
	s.counts = slotCounts{}
	if f, ok := s.feed(s.rewriter.Current()); ok {
		height = f.layer.height.Load()
	}
	return sent, counts, roundTrip, height
}

func (s *slot) kind() relayv1.MediaKind { return relayv1.MediaKind(s.source.Kind) }
