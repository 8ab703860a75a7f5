package participant

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/bench/internal/probe"
)

// slots are the receive slots of one connection.
type slots struct {
	mu       sync.Mutex
	byMid    map[string]*slot
	began    time.Time
	changed  chan struct{} // closed and replaced by each packet that somebody may wait for
	awaiting int           // how many wait

	firstFrame      chan struct{}
	firstFrameAfter time.Duration // set before firstFrame is closed
}

// slot is one receive section: what the relay says that it carries, and what arrives.
type slot struct {
	id      string // "audio0", "video0", …; empty before Hello
	source  string // participant; empty when free
	checker *probe.Checker
	kind    probe.Kind
	heard   map[uint64]uint64 // complete frames by publisher
}

func newSlots(began time.Time) *slots {
	return &slots{byMid: map[string]*slot{}, began: began, changed: make(chan struct{}), firstFrame: make(chan struct{})}
}

// at returns the slot of a section. The caller holds mu.
func (s *slots) at(mid string) *slot {
	sl := s.byMid[mid]
	if sl == nil {
		sl = &slot{heard: map[uint64]uint64{}}
		s.byMid[mid] = sl
	}
	return sl
}

// name takes the relay's names of the slots.
func (s *slots) name(hello *relayv1.Hello) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range hello.GetSlots() {
		s.at(n.GetMid()).id = n.GetSlotId()
	}
}

// change takes what the relay says about a slot from here on.
func (s *slots) change(c *relayv1.SlotChanged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sl := range s.byMid {
		if sl.id != c.GetSlotId() {
			continue
		}
		sl.source = c.GetParticipantId()
		if sl.checker != nil {
			sl.checker.Break()
		}
	}
}

// receive reads one slot until the connection ends. Pion calls it on a goroutine of its own per track.
func (m *Media) receive(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	mid := ""
	for _, tr := range m.pc.GetTransceivers() {
		if tr.Receiver() == receiver {
			mid = tr.Mid()
		}
	}
	kind := probe.Audio
	if track.Kind() == webrtc.RTPCodecTypeVideo {
		kind = probe.Video
	}
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		m.slots.packet(mid, kind, packet)
	}
}

// packet checks one packet.
func (s *slots) packet(mid string, kind probe.Kind, packet *rtp.Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sl := s.at(mid)
	if sl.checker == nil {
		sl.kind, sl.checker = kind, probe.NewChecker(kind)
	}
	mark, ok := sl.checker.Packet(packet.SequenceNumber, packet.Payload)
	if !ok || !mark.LastOfFrame {
		return
	}
	sl.heard[mark.Publisher]++
	if mark.Keyframe && s.firstFrameAfter == 0 {
		s.firstFrameAfter = time.Since(s.began)
		close(s.firstFrame)
	}
	if s.awaiting > 0 {
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

// heard sums the complete frames of a publisher in all slots of a kind. The caller holds mu.
func (s *slots) heard(publisher uint64, kind probe.Kind) (n uint64) {
	for _, sl := range s.byMid {
		if sl.checker != nil && sl.kind == kind {
			n += sl.heard[publisher]
		}
	}
	return n
}

// await waits for n more complete frames of a participant.
func (s *slots) await(ctx context.Context, participantID string, kind probe.Kind, n uint64) error {
	publisher := probe.PublisherOf(participantID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaiting++
	defer func() { s.awaiting-- }()
	for want := s.heard(publisher, kind) + n; s.heard(publisher, kind) < want; {
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
			s.mu.Lock()
		case <-ctx.Done():
			s.mu.Lock()
			return fmt.Errorf("nothing more from %s (%s): %w", participantID, s.describe(), ctx.Err())
		}
	}
	return nil
}

func (s *slots) counts(kind probe.Kind) (sum probe.Counts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sl := range s.byMid {
		if sl.checker != nil && sl.kind == kind {
			sum = sum.Add(sl.checker.Counts())
		}
	}
	return sum
}

func (s *slots) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.describe()
}

// describe lists the slots for error messages. The caller holds mu.
func (s *slots) describe() string {
	var parts []string
	for _, mid := range slices.Sorted(maps.Keys(s.byMid)) {
		sl := s.byMid[mid]
		text := fmt.Sprintf("%s %q", sl.id, sl.source)
		if sl.checker != nil {
			text += ": " + sl.checker.Counts().String()
		}
		parts = append(parts, text)
	}
	return "slots [" + strings.Join(parts, "; ") + "]"
}
