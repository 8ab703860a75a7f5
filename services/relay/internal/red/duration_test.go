package red

import "testing"

func TestSamples_AreThoseOfTheFramesInAPacket(t *testing.T) {
	for _, row := range []struct {
		claim  string
		packet []byte
		want   uint32 // 0: no packet of Opus
	}{
		{"nothing", nil, 0},
		{"20 ms of fullband CELT, as browsers send", []byte{31<<3 | 4, 1, 2, 3}, 960},
		{"20 ms of hybrid", []byte{13 << 3, 1}, 960},
		{"60 ms of SILK", []byte{3 << 3, 1}, 2880},
		{"silence of 20 ms", []byte{1 << 3}, 960},
		{"2.5 ms of CELT", []byte{16 << 3, 1}, 120},
		{"two frames of 10 ms", []byte{12<<3 | 1, 1, 2}, 960},
		{"two frames of different sizes", []byte{31<<3 | 2, 1, 2}, 1920},
		{"three frames of 20 ms", []byte{31<<3 | 3, 3, 1}, 2880},
		{"no frames", []byte{31<<3 | 3, 0}, 0},
		{"a number of frames that is not there", []byte{31<<3 | 3}, 0},
		{"more than 120 ms", []byte{3<<3 | 3, 3}, 0},
	} {
		if got, ok := Samples(row.packet); ok != (row.want > 0) || ok && got != row.want {
			t.Errorf("%s: %d, %v, want %d", row.claim, got, ok, row.want)
		}
	}
}
