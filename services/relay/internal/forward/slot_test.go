package forward

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// sink counts what a slot sends.
type sink struct{ packets int }

func (s *sink) WriteRTP(*wire.Batch, Header, []byte) error { s.packets++; return nil }

// anySlot is a connected video slot, and camera makes layers that it can carry.
func anySlot() (s *slot, out *sink, camera func(id munge.Source) *Layer) {
	vp8 := munge.KeyOf("video/VP8", "")
	out = &sink{}
	s = newSlot(false, 0, "5")
	s.connect(Output{SSRC: 1, Payloads: map[munge.Key]Payload{vp8: {Type: 96}}, Media: out})
	return s, out, func(id munge.Source) *Layer {
		l := &Layer{id: id, track: Track{Codec: vp8}, publication: &publication{connection: &Connection{}}}
		l.slots.Store(&[]*slot{})
		l.publication.open.Store(true)
		return l
	}
}

func packet(n uint64, keyframe bool) []munge.Packet {
	return []munge.Packet{{
		Ext: n, Newest: true, Timestamp: uint32(n * 3000), Marker: true, Arrival: time.Unix(0, int64(n)*33_000_000),
		Description: munge.Description{Keyframe: keyframe, Start: true}, Payload: []byte{0x10, 0, 0, 0},
	}}
}

func TestSlot_AClosedFormerSourceDoesNotDisturbTheShownOne(t *testing.T) {
	s, out, camera := anySlot()
	former, shown := camera(1), camera(2)
	s.target(former, munge.AllLayers)
	s.write(&run{layer: former, packets: packet(1, true)}, nil)
	s.target(shown, munge.AllLayers)
	s.write(&run{layer: shown, packets: packet(1, true)}, nil)
	former.publication.open.Store(false)
	s.write(&run{layer: former, packets: packet(2, false)}, nil)
	s.write(&run{layer: shown, packets: packet(2, false)}, nil)
	if out.packets != 3 {
		t.Errorf("%d packets sent, want 3: the former source's gate must not make the shown one wait for a keyframe", out.packets)
	}
}

func TestSlot_NeverForgetsTheLayerThatItShows(t *testing.T) {
	s, out, camera := anySlot()
	shown := camera(1)
	s.target(shown, munge.AllLayers)
	s.write(&run{layer: shown, packets: packet(1, true)}, nil)
	for id := munge.Source(2); id < 2+2*remembered; id++ {
		s.target(camera(id), munge.AllLayers) // none of them sends a keyframe
	}
	s.write(&run{layer: shown, packets: packet(2, false)}, nil)
	if out.packets != 2 {
		t.Errorf("%d packets sent, want 2: the picture froze", out.packets)
	}
}

func TestSlot_ShowsNothingRatherThanSomebodyElse(t *testing.T) {
	s, _, camera := anySlot()
	former, undecodable := camera(1), camera(2)
	undecodable.track.Codec = munge.KeyOf("video/AV1", "")
	s.target(former, munge.AllLayers)
	s.chosen = former
	s.write(&run{layer: former, packets: packet(1, true)}, nil)
	(&Connection{}).follow(s, undecodable, munge.AllLayers, time.Now())
	if s.rewriter.Current() != 0 {
		t.Error("the slot still carries the former source")
	}
}
