package munge

import (
	"bytes"
	"testing"
)

func FuzzDescribe_NeverReadsPastThePayload(f *testing.F) {
	for _, seed := range []string{
		"90 e0 9234 56 60 00 00 00 9d012a 8002 6801", "90 80 11 01", "10 01", "90 f0 80", "90",
		sps360, "78 0019" + sps360 + "0005" + pps, "78 0002 0910", "7c 85 8884", "67640028ac",
	} {
		f.Add(unhex(f, seed), uint16(0x1234), uint8(9))
	}
	for _, codec := range []string{"vp9", "av1"} {
		for _, p := range recorded(f, codec) {
			f.Add(p.Payload, uint16(0x1234), uint8(9))
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte, picture uint16, tl0 uint8) {
		before := bytes.Clone(payload)
		for _, format := range []Format{Opaque, Audio, VP8, H264, VP9, AV1} {
			format.Describe(payload)
		}
		if !bytes.Equal(before, payload) {
			t.Fatal("describing must not write")
		}
		for _, format := range []Format{VP8, VP9} {
			d := format.Describe(payload).descriptor
			d.rewrite(payload, picture, tl0)
			if again := format.Describe(payload).descriptor; again != d {
				t.Fatalf("descriptor %+v became %+v", d, again)
			}
			if d.picture != 0 && d.long && d.pictureID(payload) != picture&0x7fff || d.tl0 != 0 && d.tl0PicIdx(payload) != tl0 {
				t.Fatal("what was written must be read back")
			}
		}
	})
}

// FuzzRewriter_KeepsOneStream feeds two layers through switches, drops, padding and reordering, and checks that
// no outgoing number is used twice and that the newest grows without holes other than lost packets.
func FuzzRewriter_KeepsOneStream(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
	f.Add([]byte{2, 1, 0, 7, 9, 8, 15, 10, 30, 8, 15, 2, 22, 0, 7})
	f.Add([]byte("9Z80000000000>&>0&8000000080000000008000008000>&808080>&>&>&>&>&>&>")) // one packet in one place of the ring twice
	f.Add([]byte{1, 9, 4, 4, 12, 2, 10, 6, 5, 5, 5, 13, 7, 1, 9})
	f.Fuzz(func(t *testing.T, script []byte) {
		rw := NewRewriter(Params{ClockRate: 90000, History: 64, FirstSeq: 65000})
		layers := [2]*layerSim{newLayer(1, 65530, 0, 32760), newLayer(2, 7, 9, 120)}
		used := map[uint16]bool{}
		next, started := uint16(65000), false
		sinceKeyframe := map[*layerSim][]*Packet{}
		give := func(l *layerSim, p *Packet) {
			switch kept := sinceKeyframe[l]; {
			case p.Keyframe:
				sinceKeyframe[l] = []*Packet{p}
			case len(kept) > 0 && len(kept) < 40 && p.Ext == kept[len(kept)-1].Ext+1:
				sinceKeyframe[l] = append(kept, p)
			default: // not whole, or longer than the history
				delete(sinceKeyframe, l)
			}
			out, ok := rw.Rewrite(l.src, p, make([]byte, 0, 64))
			if !ok {
				return
			}
			if used[out.Seq] {
				t.Fatalf("sequence number %d was used twice", out.Seq)
			}
			used[out.Seq] = true
			if !started && out.Seq != 65000 || started && Newer(out.Seq, next+1) {
				t.Fatalf("sequence number %d leaves a hole after %d", out.Seq, next-1)
			}
			if started = true; !Newer(next, out.Seq) {
				next = out.Seq + 1
			}
		}
		for _, step := range script[:min(len(script), 2000)] {
			l := layers[step>>3&1]
			switch step & 7 {
			case 0:
				give(l, l.delta())
			case 1:
				give(l, l.key())
			case 2:
				rw.Target(l.src)
			case 3:
				rw.Drop(l.src, l.more())
				delete(sinceKeyframe, l)
			case 4:
				p := l.more()
				p.Payload, p.Description = nil, Description{}
				give(l, p)
			case 5: // swapped on the way
				first, second := l.more(), l.more()
				first.Newest = false
				give(l, second)
				give(l, first)
			case 6:
				if kept := sinceKeyframe[l]; step&16 != 0 && len(kept) > 0 && rw.Rewind(l.src, kept[0], kept[len(kept)-1]) {
					for range 2 { // the second time as it was on its way meanwhile
						for _, p := range kept {
							give(l, p)
						}
					}
				} else {
					rw.Interrupt()
				}
			case 7:
				give(l, l.more())
			}
		}
	})
}
