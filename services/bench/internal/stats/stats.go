// Package stats sums up samples for figures.
package stats

import (
	"math"
	"slices"
	"time"
)

// Percentile is the smallest sample that at least p percent of the samples do not exceed (nearest rank); 0 without
// samples.
func Percentile[T int64 | float64 | time.Duration](samples []T, p float64) T {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[max(int(math.Ceil(p/100*float64(len(sorted)))), 1)-1]
}

// Milliseconds is a duration as figures give it.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
