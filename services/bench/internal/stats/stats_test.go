package stats

import (
	"testing"
	"time"
)

func TestPercentile_IsTheNearestRank(t *testing.T) {
	samples := []time.Duration{4, 1, 3, 2}
	for p, want := range map[float64]time.Duration{0: 1, 50: 2, 95: 4, 100: 4} {
		if got := Percentile(samples, p); got != want {
			t.Errorf("p%v = %v, want %v", p, got, want)
		}
	}
	if Percentile([]float64(nil), 50) != 0 {
		t.Error("something out of nothing")
	}
}

func TestPercentile_OfTwenty(t *testing.T) {
	var samples []time.Duration
	for i := range 20 {
		samples = append(samples, time.Duration(20-i)*time.Millisecond)
	}
	for _, c := range []struct {
		p    float64
		want time.Duration
	}{{50, 10 * time.Millisecond}, {95, 19 * time.Millisecond}, {99, 20 * time.Millisecond}, {0, time.Millisecond}} {
		if got := Percentile(samples, c.p); got != c.want {
			t.Errorf("p%v is %v, want %v", c.p, got, c.want)
		}
	}
	if Percentile([]time.Duration(nil), 95) != 0 {
		t.Error("no samples have a percentile")
	}
}
