package allocate

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/layer"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

const tick = 100 * time.Millisecond

// camera has three layers that take 100, 300 and 900 kbit/s.
func camera() []layer.Layer {
	return []layer.Layer{
		{RID: "q", Height: 180, Bitrate: 100_000},
		{RID: "h", Height: 360, Bitrate: 300_000},
		{RID: "f", Height: 720, Bitrate: 900_000},
	}
}

// layered has three temporal layers in each, of 40, 20 and 40 percent.
func layered() []layer.Layer {
	out := camera()
	for i := range out {
		b := out[i].Bitrate
		out[i].Temporals, out[i].Upto = 3, [layer.MaxTemporals]int{b * 4 / 10, b * 6 / 10, b}
	}
	return out
}

// single is a source without simulcast.
func single(bitrate int) []layer.Layer { return []layer.Layer{{Height: 720, Bitrate: bitrate}} }

// viewer shares one downlink; time goes on with each decision.
type viewer struct {
	t     testing.TB
	now   time.Time
	slots map[string]*Slot
	order []*Slot
	out   Outcome
}

func newViewer(t testing.TB) *viewer {
	return &viewer{t: t, now: epoch, slots: map[string]*Slot{}}
}

func (v *viewer) add(name string, class Class, height int, layers []layer.Layer) *Slot {
	s := &Slot{Demand: Demand{Class: class, Number: len(v.order), Height: height, Layers: layers}}
	v.slots[name] = s
	v.order = append(v.order, s)
	return s
}

// share decides for some time, every layer being live.
func (v *viewer) share(budget int, lasts time.Duration) {
	for end := v.now.Add(lasts); ; {
		for _, s := range v.order {
			for i := range s.Layers {
				s.Layers[i].LastPacket = v.now
			}
		}
		v.out = Share(v.now, Budget{budget, true}, v.order)
		v.now = v.now.Add(tick)
		if !v.now.Before(end) {
			return
		}
	}
}

// has expects what a slot carries: "q", "h", "f", with the highest temporal layer behind it where some are left out
// ("f1"), "-" for nothing, "paused".
func (v *viewer) has(name, want string) {
	v.t.Helper()
	if got := v.slots[name].String(); got != want {
		v.t.Errorf("after %v %s has %q, want %q", v.now.Sub(epoch), name, got, want)
	}
}

func (s *Slot) String() string {
	switch {
	case s.Paused:
		return "paused"
	case s.Layer == layer.None:
		return "-"
	}
	out := s.Layers[s.Layer].RID
	if s.Top != munge.AllLayers {
		out += string('0' + rune(s.Top))
	}
	return out
}

// school is a viewer who hears two and sees one of each class.
func school(t testing.TB) *viewer {
	v := newViewer(t)
	v.add("thumbnail", Thumbnail, 180, camera())
	v.add("camera", Camera, 360, camera())
	v.add("lead", Lead, 720, camera())
	v.add("screen", Content, 720, single(250_000))
	v.add("stage", Stage, 720, camera())
	v.add("voice", Voice, 0, single(20_000))
	v.add("leadVoice", LeadVoice, 0, single(20_000))
	return v
}
