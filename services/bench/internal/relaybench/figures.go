package relaybench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/tongke-edu/tongke/services/bench/internal/stats"
)

// Figure is one measured number and what it was measured under.
type Figure struct {
	Name       string  `json:"name"`
	Value      float64 `json:"value"`
	Unit       string  `json:"unit"`
	Conditions string  `json:"conditions"`
}

// shown is the value for people; a dash where nothing was measured.
func (f Figure) shown() string {
	if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
		return "–"
	}
	return strconv.FormatFloat(f.Value, 'g', -1, 64)
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

// at is a percentile in milliseconds; without samples it is endless, and no number in the figures.
func at(p float64, samples []time.Duration) float64 {
	if len(samples) == 0 {
		return math.Inf(1)
	}
	return stats.Milliseconds(stats.Percentile(samples, p))
}
