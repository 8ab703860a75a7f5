package munge

import "testing"

// A sequence header of 640x360 : no timing, one operating point.
const av1Sequence = "08 00000024c4ff67"

func TestDescribe_AV1(t *testing.T) {
	rows := []struct {
		claim, payload string
		start, key     bool
		temporal       uint8
	}{
		{"sequence header and frame", "28 08" + av1Sequence + "30 10", true, true, 0},
		{"sequence header and part of a frame", "68 08" + av1Sequence + "30 10", true, true, 0},
		{"all elements with lengths", "08 08" + av1Sequence + "02 30 10", true, true, 0},
		{"sequence header alone", "18" + av1Sequence, true, true, 0},
		{"behind a temporal delimiter", "38 01 10 08" + av1Sequence + "30 10", true, true, 0},
		{"behind an empty element", "38 00 08" + av1Sequence + "30 10", true, true, 0},
		{"OBUs with sizes of their own", "28 09 0a 07 00000024c4ff67 30 10", true, true, 0},
		{"sequence header said again", "20 08" + av1Sequence + "30 10", true, false, 0},
		{"new sequence without its header", "18 30 10", true, false, 0},
		{"delta frame", "10 32 0a", true, false, 0},
		{"frame header", "10 18 0a", true, false, 0},
		{"temporal layer", "10 34 40 0a", true, false, 2},
		{"part of a frame", "90 9e77", false, false, 0},
		{"end of one frame and start of another", "a0 02 9e77 30 10", true, false, 0},
		{"tile group", "10 20 0a", false, false, 0},
		{"new sequence in the middle of an element", "98" + av1Sequence, false, false, 0},
		{"only an aggregation header", "10", false, false, 0},
		{"empty", "", false, false, 0},
		{"length that never ends", "00 ffffffffffffffffff", false, false, 0},
		{"length that ends the packet", "00 80", false, false, 0},
		{"length beyond any packet", "00 ffffff7f 30", false, false, 0},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			d := AV1.Describe(unhex(t, row.payload))
			if d.Start != row.start || d.Keyframe != row.key || d.TemporalLayer != row.temporal {
				t.Fatalf("described as %+v", d)
			}
			if row.key && (d.Width != 640 || d.Height != 360) {
				t.Fatalf("size %dx%d, want 640x360", d.Width, d.Height)
			}
		})
	}
}

// written writes bits as a sequence header: pairs of a width and a value.
func written(fields ...[2]uint64) []byte {
	var out []byte
	at := 0
	for _, f := range fields {
		for i := int(f[0]) - 1; i >= 0; i-- {
			if at%8 == 0 {
				out = append(out, 0)
			}
			out[at/8] |= byte(f[1]>>i&1) << (7 - at%8)
			at++
		}
	}
	return out
}

func TestAV1Size_ReadsEveryKindOfSequenceHeader(t *testing.T) {
	type f = [2]uint64
	size := []f{{4, 9}, {4, 8}, {10, 639}, {9, 359}}
	rows := []struct {
		claim  string
		fields []f
		known  bool
	}{
		{"plain", append([]f{{3, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {5, 0}, {12, 0}, {5, 4}}, size...), true},
		{"still picture", append([]f{{3, 0}, {1, 1}, {1, 1}, {5, 4}}, size...), true},
		{"tier of a high level", append([]f{{5, 0}, {1, 0}, {1, 0}, {5, 0}, {12, 0}, {5, 8}, {1, 1}}, size...), true},
		{"two operating points with delays", append([]f{
			{5, 0}, {1, 0}, {1, 1}, {5, 1}, {12, 0}, {5, 4}, {1, 1}, {4, 9}, {12, 0}, {5, 4}, {1, 0},
		}, size...), true},
		{"timing of equal pictures", append([]f{
			{5, 0}, {1, 1}, {32, 1}, {32, 30}, {1, 1}, {3, 1}, {2, 1}, {1, 0}, {1, 0}, {5, 0}, {12, 0}, {5, 4},
		}, size...), true},
		{"decoder model", append([]f{
			{5, 0}, {1, 1}, {32, 1}, {32, 30}, {1, 0}, {1, 1}, {5, 2}, {32, 1}, {10, 0}, {1, 0}, {5, 0}, {12, 0}, {5, 4},
			{1, 1}, {3, 5}, {3, 6}, {1, 1},
		}, size...), true},
		{"cut short", []f{{5, 0}, {1, 0}, {1, 0}, {5, 0}, {12, 0}, {5, 4}, {4, 9}}, false},
		{"a code of zeros without end", []f{{5, 0}, {1, 1}, {32, 1}, {32, 30}, {1, 1}, {64, 0}}, false},
		{"as large as can be", []f{{5, 0}, {1, 0}, {1, 0}, {5, 0}, {12, 0}, {5, 4}, {4, 15}, {4, 15}, {16, 0xffff}, {16, 1}}, false},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			w, h := av1Size(written(row.fields...))
			if known := w == 640 && h == 360; known != row.known || !known && w != 0 {
				t.Fatalf("size %dx%d", w, h)
			}
		})
	}
}
