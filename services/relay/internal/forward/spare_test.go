package forward

import (
	"testing"
	"time"
)

// repaired is how many bits per second get through when each of so many is asked for again at once.
func repaired(r *repairs, asked int) int {
	const size, seconds = 1200, 20
	passed, now := 0, time.Unix(0, 0)
	for range asked * seconds / 8 / size {
		now = now.Add(time.Second * 8 * size / time.Duration(asked))
		if r.take(now, size) {
			passed += size
		}
	}
	return passed * 8 / seconds
}

func TestRepairs_TakeWhatIsLeft(t *testing.T) {
	for _, row := range []struct{ budget, used, asked, least, most int }{
		{2_000_000, 1_000_000, 500_000, 490_000, 500_000},
		{2_000_000, 1_000_000, 5_000_000, 950_000, 1_050_000},
		{500_000, 490_000, 5_000_000, 95_000, 105_000},
		{500_000, 900_000, 5_000_000, 95_000, 105_000},
	} {
		r := repairs{}
		r.spare(row.budget, row.used)
		if got := repaired(&r, row.asked); got < row.least || got > row.most {
			t.Errorf("%d of %d used, %d asked for: %d repaired", row.used, row.budget, row.asked, got)
		}
	}
}

func TestRepairs_OfABurstComeAtOnce(t *testing.T) {
	r, now := repairs{}, time.Unix(0, 0)
	r.spare(1_500_000, 1_000_000)
	for n := range 10 {
		if !r.take(now, 1200) {
			t.Fatalf("only %d packets at once", n)
		}
	}
	if r.take(now, 1200) {
		t.Error("no end")
	}
}
