package peer

import (
	"bytes"
	"testing"
	"time"
)

func TestSealed_FindsWhatWentOutLatelyAndNothingElse(t *testing.T) {
	var s sealed
	start := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	if s.find(0, time.Time{}) != nil {
		t.Error("something was found before anything was kept")
	}
	octets := make([]byte, 100)
	for seq := range uint16(40) {
		octets[0] = byte(seq)
		s.keep(seq+65_520, seq, start.Add(time.Duration(seq)*20*time.Millisecond), octets)
	}
	since := start.Add(39*20*time.Millisecond - 100*time.Millisecond)
	for seq := range uint16(60) {
		got := s.find(seq+65_520, since)
		if want := seq >= 34 && seq < 40; (got != nil) != want {
			t.Errorf("packet %d: found %v, want %v", seq, got != nil, want)
		}
		if got != nil && (got.number != seq || !bytes.Equal(got.octets[:1], []byte{byte(seq)})) {
			t.Errorf("packet %d: found %d with % x", seq, got.number, got.octets[:1])
		}
	}
	if s.find(7, time.Time{}) != nil {
		t.Error("a packet was found whose place was taken by another")
	}
	if n := testing.AllocsPerRun(100, func() { s.keep(1, 1, start, octets) }); n > 0 {
		t.Errorf("%v allocations for each packet", n)
	}
}
