package relaybench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// Figure is one measured number and what it was measured under.
type Figure struct {
	Name       string  `json:"name"`
	Value      float64 `json:"value"`
	Unit       string  `json:"unit"`
	Conditions string  `json:"conditions"`
}

// figures collects what was measured and prints it at once.
type figures struct {
	out  io.Writer
	list []Figure
}

func (f *figures) add(name string, value float64, unit, conditions string, args ...any) {
	one := Figure{name, significant(value), unit, fmt.Sprintf(conditions, args...)}
	f.list = append(f.list, one)
	line, err := json.Marshal(one)
	if err != nil { // not a number: nothing was measured
		line = fmt.Appendf(nil, `{"name":%q,"value":null,"unit":%q,"conditions":%q}`, one.Name, one.Unit, one.Conditions)
	}
	fmt.Fprintf(f.out, "%s\n", line)
}

// significant rounds to four digits.
func significant(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

// percentile is the smallest sample that at least p percent do not exceed (nearest rank); 0 without samples.
func percentile[T int64 | float64 | time.Duration](samples []T, p float64) T {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[max(int(math.Ceil(p/100*float64(len(sorted)))), 1)-1]
}

// at is a percentile in milliseconds; without samples it is endless, and no number in the figures.
func at(p float64, samples []time.Duration) float64 {
	if len(samples) == 0 {
		return math.Inf(1)
	}
	return milliseconds(percentile(samples, p))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
