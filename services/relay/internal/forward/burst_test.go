package forward

import (
	"runtime"
	"testing"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// waiting writes its first packet when somebody else has written. The slot's lock guards it.
type waiting struct {
	t     *testing.T
	until <-chan struct{}
	done  bool
}

func (w *waiting) WriteRTP(*wire.Batch, Header, []byte) error {
	if w.done {
		return nil
	}
	w.done = true
	select {
	case <-w.until:
	case <-time.After(10 * time.Second):
		w.t.Error("nobody helps")
	}
	return nil
}

// telling closes its channel at the first packet.
type telling struct {
	numbers
	first chan struct{}
}

func (n *telling) WriteRTP(out *wire.Batch, h Header, payload []byte) error {
	if n.sent == 0 {
		close(n.first)
	}
	return n.numbers.WriteRTP(out, h, payload)
}

func TestBurst_OthersHelpWithALargeOne(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))))
	vp8 := munge.KeyOf("video/VP8", "")
	camera := &publication{connection: &Connection{}, kind: relayv1.MediaKind_MEDIA_KIND_CAMERA}
	camera.open.Store(true)
	l := newLayer(1, Track{Codec: vp8}, camera)
	attach := func(out Stream) {
		s := newSlot(false, 0, "5")
		s.connect(Output{SSRC: 1, Payloads: map[munge.Key]Payload{vp8: {Type: 96}}, Media: out})
		s.target(l, munge.AllLayers)
	}
	const slots, bursts, packets = 300, 20, 5
	last := &telling{numbers{t: t}, make(chan struct{})}
	attach(&waiting{t: t, until: last.first})
	var outs []*numbers
	for range slots {
		outs = append(outs, &numbers{t: t})
		attach(outs[len(outs)-1])
	}
	attach(last)
	var b Burst
	var number uint32
	for range bursts {
		r := b.run(l)
		for range packets {
			number++
			r.packets = append(r.packets, picture(number))
		}
		b.Forward(nil)
	}
	for i, one := range append(outs, &last.numbers) {
		if one.sent != bursts*packets || one.number != number {
			t.Errorf("slot %d has %d packets up to %d", i, one.sent, one.number)
		}
	}
}
