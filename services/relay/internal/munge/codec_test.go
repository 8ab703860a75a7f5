package munge

import (
	"encoding/hex"
	"testing"
)

func TestKeyOf_IgnoresWhatDoesNotMatter(t *testing.T) {
	rows := []struct{ mime, fmtp, want string }{
		{"audio/opus", "minptime=10;useinbandfec=1", "audio/opus"},
		{"video/VP8", "", "video/vp8"},
		{"video/H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", "video/h264;mode=1;profile=42e0"},
		{"video/H264", "profile-level-id=42E034; packetization-mode=1", "video/h264;mode=1;profile=42e0"},
		{"video/H264", "packetization-mode=1;profile-level-id=42c016", "video/h264;mode=1;profile=42e0"},
		{"video/H264", "packetization-mode=1;profile-level-id=4d801f", "video/h264;mode=1;profile=42e0"},
		{"video/H264", "packetization-mode=1;profile-level-id=42001f", "video/h264;mode=1;profile=4200"},
		{"video/H264", "packetization-mode=1;profile-level-id=4d001f", "video/h264;mode=1;profile=4d00"},
		{"video/H264", "", "video/h264;mode=0;profile=4200"},
		{"video/H264", "profile-level-id=4", "video/h264;mode=0;profile=4"},
	}
	for _, row := range rows {
		if got := KeyOf(row.mime, row.fmtp); got != Key(row.want) {
			t.Errorf("KeyOf(%q, %q) = %q, want %q", row.mime, row.fmtp, got, row.want)
		}
	}
}

func TestKey_KnowsItsFormat(t *testing.T) {
	for key, want := range map[Key]Format{
		"audio/opus": Audio, "audio/red": Audio, "video/vp8": VP8,
		"video/h264;mode=1;profile=42e0": H264, "video/vp9": VP9, "video/vp9;profile=2": Opaque, "video/av1": AV1, "": Opaque,
	} {
		if got := key.Format(); got != want {
			t.Errorf("format of %q is %d, want %d", key, got, want)
		}
	}
}

// unhex decodes hexadecimal test data with blanks.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	var digits []byte
	for _, c := range []byte(s) {
		if c != ' ' {
			digits = append(digits, c)
		}
	}
	b, err := hex.DecodeString(string(digits))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDescribe_VP8(t *testing.T) {
	rows := []struct{ claim, payload string }{
		{"short picture id", "90 80 11 00 00 00 9d012a 8002 6801"},
		{"long picture id, TL0PICIDX and TID", "90 e0 9234 56 60 00 00 00 9d012a 8002 6801"},
		{"no extension", "10 00 00 00 9d012a 8002 6801"},
		{"scaling bits are no size", "10 00 00 00 9d012a 8042 68c1"},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			d := VP8.Describe(unhex(t, row.payload))
			if !d.Keyframe || !d.Start || d.Width != 640 || d.Height != 360 {
				t.Fatalf("described as %+v", d)
			}
		})
	}
}

func TestDescribe_VP8FindsKeyframeStartsOnly(t *testing.T) {
	rows := []struct {
		claim, payload string
		start, key     bool
	}{
		{"delta frame", "10 01", true, false},
		{"keyframe too short for its size", "10 00", true, true},
		{"later packet of a keyframe", "00 00", false, false},
		{"later partition", "11 00", false, false},
		{"empty", "", false, false},
		{"ends in the extension", "90", false, false},
		{"ends in the picture id", "90 80", false, false},
		{"ends in the long picture id", "90 80 80", false, false},
		{"ends behind the descriptor", "90 80 80 01", false, false},
		{"ends in TID", "90 20", false, false},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			d := VP8.Describe(unhex(t, row.payload))
			if d.Start != row.start || d.Keyframe != row.key {
				t.Fatalf("described as %+v", d)
			}
		})
	}
}

func TestVP8_RewritesInTheWidthThatIsThere(t *testing.T) {
	rows := []struct{ claim, in, want string }{
		{"15 bits", "90 e0 8001 05 20 01", "90 e0 92bc ef 20 01"},
		{"7 bits", "90 c0 01 05 01", "90 c0 3c ef 01"},
		{"no picture id", "90 60 05 20 01", "90 60 ef 20 01"},
		{"nothing", "10 01", "10 01"},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			p := unhex(t, row.in)
			VP8.Describe(p).descriptor.rewrite(p, 0x12bc, 0xef)
			if hex.EncodeToString(p) != hex.EncodeToString(unhex(t, row.want)) {
				t.Fatalf("rewritten to %x, want %s", p, row.want)
			}
		})
	}
}

func TestDescribe_VP8ReadsTheTemporalLayer(t *testing.T) {
	if d := VP8.Describe(unhex(t, "90 e0 8001 05 a0 01")); d.TemporalLayer != 2 {
		t.Fatalf("temporal layer %d, want 2", d.TemporalLayer)
	}
}

const (
	sps360 = "6742c01ed900a02ff97011000003000100000300320f162e48" // written by x264
	pps    = "68cb83cb20"
	idr    = "6588840000"
)

func TestDescribe_H264(t *testing.T) {
	stap := "78 0019" + sps360 + "0005" + pps
	rows := []struct {
		claim, payload string
		key            bool
	}{
		{"parameter set alone", sps360, true},
		{"aggregation that opens with it", stap, true},
		{"aggregation with a delimiter before it", "78 0002 0910 0019" + sps360, true},
		{"aggregation of other units", "78 0005" + pps + "0005" + idr, false},
		{"IDR slice without parameter sets", idr, false},
		{"fragment of an IDR slice", "7c 85 8884", false},
		{"delta slice", "41 9a00", false},
		{"aggregation cut short", "78 0019 6742", false},
		{"aggregation of nothing", "78 0000 0001 67", false},
		{"empty", "", false},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			d := H264.Describe(unhex(t, row.payload))
			if d.Keyframe != row.key || d.Start != row.key {
				t.Fatalf("described as %+v", d)
			}
			if row.key && (d.Width != 640 || d.Height != 360) {
				t.Fatalf("size %dx%d, want 640x360", d.Width, d.Height)
			}
		})
	}
}

func TestSPS_TellsThePictureSize(t *testing.T) {
	rows := []struct {
		claim, set    string
		width, height uint16
	}{
		{"baseline with cropping", sps360, 640, 360},
		{"baseline by hand, order counted in cycles", "6742c01e d191a3a0280bfe54", 640, 360},
		{"interlaced by hand", "674d401e da0281e480", 640, 480},
		{"high profile is not read", "67640028acd940780227e5c044000003000400000300c83c60c658", 0, 0},
		{"main profile, odd size", "674d400deca0a8cf11360220000003002000000641e28532c0", 322, 182},
		{"cut short", "6742c01ed9", 0, 0},
		{"only a header", "67", 0, 0},
		{"zeros without end", "6742c01e 0000000000000000", 0, 0},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			if w, h := spsSize(unhex(t, row.set)); w != row.width || h != row.height {
				t.Fatalf("size %dx%d, want %dx%d", w, h, row.width, row.height)
			}
		})
	}
}

func TestDescribe_AudioMayStartAnywhere(t *testing.T) {
	if d := Audio.Describe([]byte{1}); !d.Keyframe {
		t.Fatal("every audio packet may start a switch")
	}
	if d := Opaque.Describe([]byte{1, 2, 3}); d.Keyframe || d.Start {
		t.Fatal("nothing is known of opaque payload")
	}
}
