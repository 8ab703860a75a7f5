package munge

import (
	"encoding/hex"
	"testing"
)

// A keyframe's uncompressed header of 640x360, and the first byte of a delta frame and of an intra-only one.
const (
	vp9Key   = "82 498342 00 27f0 1670"
	vp9Delta = "86"
)

func TestDescribe_VP9(t *testing.T) {
	rows := []struct {
		claim, payload string
		start, key     bool
		temporal       uint8
	}{
		{"keyframe with a short picture id", "88 11" + vp9Key, true, true, 0},
		{"keyframe with a long picture id", "88 8011" + vp9Key, true, true, 0},
		{"keyframe without anything", "08" + vp9Key, true, true, 0},
		{"keyframe with layers and TL0PICIDX", "a8 8011 00 07" + vp9Key, true, true, 0},
		{"keyframe with a scalability structure", "8a 8011 18 0280 0168 01 14 01" + vp9Key, true, true, 0},
		{"keyframe with two sizes and no pictures", "8a 8011 30 0140 00b4 0280 0168" + vp9Key, true, true, 0},
		{"delta frame", "c8 8011" + vp9Delta, true, false, 0},
		{"delta frame in flexible mode", "d8 8011 03 05 06" + vp9Delta, true, false, 0},
		{"temporal layer", "e8 8011 50 07" + vp9Delta, true, false, 2},
		{"temporal layer in flexible mode", "f8 8011 40 02" + vp9Delta, true, false, 2},
		{"later packet of a keyframe", "80 8011 498342", false, false, 0},
		{"last packet of a keyframe", "84 8011 498342", false, false, 0},
		{"upper spatial layer", "a8 8011 03 07" + vp9Key, false, false, 0},
		{"intra-only frame", "88 8011 86 498342", true, false, 0},
		{"frame that shows an older one", "88 8011 88", true, false, 0},
		{"profile 2", "88 8011 92 498342 00 27f0 1670", true, false, 0},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			d := VP9.Describe(unhex(t, row.payload))
			if d.Start != row.start || d.Keyframe != row.key || d.TemporalLayer != row.temporal {
				t.Fatalf("described as %+v", d)
			}
			if row.key && (d.Width != 640 || d.Height != 360) {
				t.Fatalf("size %dx%d, want 640x360", d.Width, d.Height)
			}
		})
	}
}

func TestDescribe_VP9CutShortIsNothing(t *testing.T) {
	for _, payload := range []string{
		"", "88", "88 80", "88 8011", "a8 8011", "a8 8011 00", "a8 8011 00 07", "d8 8011 03", "d8 8011 03 05 07",
		"8a 8011", "8a 8011 18", "8a 8011 18 0280 0168", "8a 8011 18 0280 0168 02 14 01",
	} {
		if d := VP9.Describe(unhex(t, payload)); d != (Description{}) {
			t.Errorf("%q is described as %+v", payload, d)
		}
	}
	for _, payload := range []string{"88 11 82", "88 11 82 498342 00 27", "88 11 82 498342 e0 27f0 1670"} {
		if d := VP9.Describe(unhex(t, payload)); !d.Keyframe || d.Width != 0 {
			t.Errorf("%q is described as %+v: a keyframe without size", payload, d)
		}
	}
}

func TestVP9_RewritesInTheWidthThatIsThere(t *testing.T) {
	rows := []struct{ claim, in, want string }{
		{"15 bits and TL0PICIDX", "a8 8001 00 05 86", "a8 92bc 00 ef 86"},
		{"7 bits", "88 01 86", "88 3c 86"},
		{"flexible mode has no TL0PICIDX", "f8 8001 40 02 86", "f8 92bc 40 02 86"},
		{"no picture id", "28 00 05 86", "28 00 ef 86"},
		{"nothing", "08 86", "08 86"},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			p := unhex(t, row.in)
			VP9.Describe(p).descriptor.rewrite(p, 0x12bc, 0xef)
			if hex.EncodeToString(p) != hex.EncodeToString(unhex(t, row.want)) {
				t.Fatalf("rewritten to %x, want %s", p, row.want)
			}
		})
	}
}

func TestRewriter_ContinuesPictureIdsOfVP9(t *testing.T) {
	v := newViewer(t)
	a, b := newLayer(1, 10, 0, 40), newLayer(2, 900, 0, 0)
	v.rw.Target(1)
	last := v.gets(a, a.key())
	v.rw.Target(2)
	screen := func(payload string) *Packet {
		p := b.key()
		p.Format, p.Payload = VP9, unhex(t, payload)
		p.Description = VP9.Describe(p.Payload)
		return p
	}
	for i, payload := range []string{"88 a000" + vp9Key, "c8 a001" + vp9Delta} {
		out := v.gets(b, screen(payload))
		if got, want := uint16(out.Payload[1])<<8&0x7f00|uint16(out.Payload[2]), picture(last)+1+uint16(i); got != want {
			t.Fatalf("picture %d, want %d", got, want)
		}
	}
	if v.gets(b, screen("c8 11"+vp9Delta)).Payload[1] > 0x7f {
		t.Fatal("a short picture id stays short")
	}
}
