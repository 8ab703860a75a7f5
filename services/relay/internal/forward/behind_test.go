package forward

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// numbers checks that a slot sends what a layer counts in its payloads, one after the other. The slot's lock guards it.
type numbers struct {
	t        *testing.T
	sent     int
	seq      uint16
	number   uint32
	keyframe bool // the first packet was a keyframe's
}

func (n *numbers) WriteRTP(_ *wire.Batch, h Header, payload []byte) error {
	number := binary.BigEndian.Uint32(payload)
	if n.sent++; n.sent == 1 {
		n.keyframe = number%keyframeEvery == 0
	} else if number != n.number+1 || h.Seq != n.seq+1 {
		n.t.Errorf("packet %d as %d follows %d as %d", number, h.Seq, n.number, n.seq)
	}
	n.seq, n.number = h.Seq, number
	return nil
}

// picture is the packet of a layer that counts from 1.
func picture(number uint32) munge.Packet {
	return munge.Packet{
		Ext: uint64(number), Newest: true, Timestamp: number * 3000, Arrival: time.Now(),
		Description: munge.Description{Keyframe: number == 1 || number%keyframeEvery == 0, Start: true},
		Payload:     binary.BigEndian.AppendUint32(nil, number),
	}
}

const keyframeEvery = 50

func TestReplay_NothingIsLostOrDoubledBesideTheReadLoop(t *testing.T) {
	vp8 := munge.KeyOf("video/VP8", "")
	camera := &publication{connection: &Connection{}, kind: relayv1.MediaKind_MEDIA_KIND_CAMERA}
	camera.open.Store(true)
	l := newLayer(1, Track{Codec: vp8}, camera)
	var number uint32
	send := func() {
		number++
		p := picture(number)
		l.cache.Put(&p)
		for _, s := range *l.slots.Load() {
			s.write(&run{layer: l, packets: []munge.Packet{p}}, nil)
		}
	}
	for range keyframeEvery * 3 / 2 {
		send()
	}
	var loop sync.WaitGroup
	arrived := make(chan struct{})
	loop.Go(func() { // the read loop
		for range arrived {
			send()
		}
	})
	var slots []*slot
	var outs []*numbers
	for range 50 { // the lesson
		s, out := newSlot(false, 0, "5"), &numbers{t: t}
		s.connect(Output{SSRC: 1, Payloads: map[munge.Key]Payload{vp8: {Type: 96}}, Media: out})
		s.target(l, munge.AllLayers)
		if _, ok := s.rewind(l, time.Time{}, replayBytes); !ok {
			t.Error("not rewound")
		}
		for caughtUp := false; !caughtUp; caughtUp = s.catchUp(3, nil) < 3 {
			arrived <- struct{}{}
			arrived <- struct{}{} // is sent beside the next step
		}
		slots, outs = append(slots, s), append(outs, out)
	}
	close(arrived)
	loop.Wait()
	for i, s := range slots {
		if s.behind != (cursor{}) || !outs[i].keyframe || outs[i].number != number {
			t.Errorf("slot %d began with a keyframe: %v, and is at %d of %d", i, outs[i].keyframe, outs[i].number, number)
		}
	}
}
