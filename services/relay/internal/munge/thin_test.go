package munge

import (
	"math/rand/v2"
	"testing"
)

// rhythm is the pattern of temporal layers that browsers use for three of them; in sync frames need the lowest alone.
var rhythm = []struct {
	layer uint8
	sync  bool
}{{0, false}, {2, true}, {1, true}, {2, false}, {0, false}, {2, false}, {1, false}, {2, false}}

// layered sends frames of several packets in the rhythm.
type layered struct {
	*layerSim
	beat int
}

// frame is the next frame. A keyframe begins the rhythm anew.
func (l *layered) frame(key bool, packets int) (out []*Packet) {
	if key {
		l.beat = 0
	}
	now := rhythm[l.beat%len(rhythm)]
	l.beat++
	for i := range packets {
		p := l.packet(i == 0, key)
		if now.layer > 0 && i == 0 {
			l.tl0-- // counts frames of the lowest layer
			p.Payload[4]--
		}
		p.Payload[5] = now.layer << 6
		if now.sync {
			p.Payload[5] |= 0x20
		}
		p.Marker = i == packets-1
		p.Description = VP8.Describe(p.Payload)
		out = append(out, p)
	}
	return out
}

func TestThin_LeavesOutUpperLayersWithoutAGap(t *testing.T) {
	v, l := newViewer(t), &layered{layerSim: newLayer(1, 100, 0, 7)}
	v.rw.Target(1)
	v.rw.Thin(1, 1)
	var last Out
	for n := range 64 {
		frame := l.frame(n == 0, 2)
		for _, p := range frame {
			out, ok := v.rw.Rewrite(1, p, make([]byte, 0, 1500))
			if ok != (p.TemporalLayer < 2) {
				t.Fatalf("frame %d of temporal layer %d: forwarded %v", n, p.TemporalLayer, ok)
			}
			if !ok {
				continue
			}
			if n > 0 && out.Seq != last.Seq+1 {
				t.Fatalf("sequence number %d follows %d", out.Seq, last.Seq)
			}
			if n > 0 && p.Start && picture(out)-picture(last) != 1 {
				t.Fatalf("picture %d follows %d", picture(out), picture(last))
			}
			last = out
		}
	}
}

func TestThin_FinishesTheFrameThatIsUnderWay(t *testing.T) {
	v, l := newViewer(t), &layered{layerSim: newLayer(1, 100, 0, 7)}
	v.rw.Target(1)
	v.gets(l.layerSim, l.frame(true, 1)[0])
	upper := l.frame(false, 2)
	v.gets(l.layerSim, upper[0])
	v.rw.Thin(1, 0)
	v.gets(l.layerSim, upper[1])
	v.misses(l.layerSim, l.frame(false, 1)[0])
}

func TestThin_OpensWhereAFrameNeedsTheLowestLayerAlone(t *testing.T) {
	v, l := newViewer(t), &layered{layerSim: newLayer(1, 100, 0, 7)}
	v.rw.Target(1)
	v.rw.Thin(1, 0)
	for n := range 5 {
		_, _ = v.rw.Rewrite(1, l.frame(n == 0, 1)[0], make([]byte, 0, 1500))
	}
	v.rw.Thin(1, AllLayers)
	if !v.rw.Narrowed(2) {
		t.Error("not narrowed although nothing has opened yet")
	}
	opened := map[uint8]int{}
	for n := range 16 {
		p := l.frame(false, 1)[0]
		if _, ok := v.rw.Rewrite(1, p, make([]byte, 0, 1500)); ok && opened[p.TemporalLayer] == 0 {
			opened[p.TemporalLayer] = n + 6
		}
	}
	// Counted from 1 at the keyframe: layer 1 opens at the sync frame 11, layer 2 at the one after it.
	if opened[1] != 11 || opened[2] != 18 {
		t.Errorf("layers opened at %v", opened)
	}
	if v.rw.Narrowed(2) {
		t.Error("still narrowed")
	}
}

func TestThin_AKeyframeOpensEverything(t *testing.T) {
	v, l := newViewer(t), &layered{layerSim: newLayer(1, 100, 0, 7)}
	v.rw.Target(1)
	v.rw.Thin(1, 0)
	v.gets(l.layerSim, l.frame(true, 1)[0])
	v.misses(l.layerSim, l.frame(false, 1)[0])
	v.rw.Thin(1, AllLayers)
	v.gets(l.layerSim, l.frame(true, 1)[0])
	v.gets(l.layerSim, l.frame(false, 1)[0])
}

func TestThin_ConcernsOneSource(t *testing.T) {
	v, l, other := newViewer(t), &layered{layerSim: newLayer(1, 100, 0, 7)}, &layered{layerSim: newLayer(2, 100, 0, 7)}
	v.rw.Target(1)
	v.gets(l.layerSim, l.frame(true, 1)[0])
	v.rw.Target(2)
	v.rw.Thin(2, 0)
	v.gets(l.layerSim, l.frame(false, 1)[0])
	v.gets(other.layerSim, other.frame(true, 1)[0])
	v.misses(other.layerSim, other.frame(false, 1)[0])
	v.rw.Target(1)
	v.gets(l.layerSim, l.frame(true, 1)[0])
	v.gets(l.layerSim, l.frame(false, 1)[0])
}

// Whatever is asked for and however packets come, every frame that goes out finds what it may need, and no sequence
// number goes out twice.
func TestThin_NeverBreaksThePictureNorGivesANumberTwice(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		l, rw := &layered{layerSim: newLayer(1, 65_500, 0, 7)}, NewRewriter(Params{ClockRate: 90000, History: 64})
		rw.Target(1)
		seen := map[uint16]uint64{}
		newest := [3]int{-1, -1, -1} // frame of each layer
		shown := map[int]bool{}
		var before []*Packet
		for n := range 300 {
			if rng.IntN(10) == 0 {
				rw.Thin(1, []uint8{0, 1, 2, AllLayers}[rng.IntN(4)])
			}
			key := n == 0 || rng.IntN(60) == 0
			frame := l.frame(key, 1+rng.IntN(3))
			layer := frame[0].TemporalLayer
			if key {
				newest = [3]int{n, n, n}
			}
			needs := [3]bool{true, layer > 0 && !frame[0].Sync, layer > 1 && !frame[0].Sync}
			packets := frame
			if len(before) > 0 && rng.IntN(4) == 0 { // handed in a second time, as around a replay
				packets = append(append([]*Packet{}, before...), frame...)
			}
			for _, p := range packets {
				out, ok := rw.Rewrite(1, p, make([]byte, 0, 1500))
				if !ok {
					continue
				}
				if ext, known := seen[out.Seq]; known && p.Ext-ext < 60_000 {
					t.Fatalf("seed %d: packets %d and %d go out as %d", seed, ext, p.Ext, out.Seq)
				}
				seen[out.Seq] = p.Ext
				if p == frame[0] && !key {
					for i, need := range needs {
						if need && !shown[newest[i]] {
							t.Fatalf("seed %d: frame %d of layer %d goes out without frame %d", seed, n, layer, newest[i])
						}
					}
				}
				shown[n] = shown[n] || p == frame[len(frame)-1]
			}
			newest[layer] = n
			before = frame
		}
	}
}

func TestSpans_APacketLeftOutHasNoNumber(t *testing.T) {
	var s spans
	s.begin(span{first: 10})
	for _, ext := range []uint64{12, 13, 16} {
		s.close(ext, 0, 0)
	}
	for ext, want := range map[uint64]bool{9: false, 10: true, 11: true, 12: false, 13: false, 14: true, 15: true, 16: false, 17: true} {
		if _, ok := s.find(ext); ok != want {
			t.Errorf("packet %d has a number: %v", ext, ok)
		}
	}
}
