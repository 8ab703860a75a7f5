package smoke

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// Figure is one measured number.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// write prints one JSON line per figure.
func write(out io.Writer, figures []Figure) error {
	encoder := json.NewEncoder(out)
	for _, f := range figures {
		f.Value = math.Round(f.Value*1e4) / 1e4
		if err := encoder.Encode(f); err != nil {
			return fmt.Errorf("write figure %s: %w", f.Name, err)
		}
	}
	return nil
}

// percentile returns the smallest sample that at least p percent of the samples do not exceed (nearest rank).
// It is 0 without samples.
func percentile(samples []time.Duration, p float64) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Clone(samples)
	slices.Sort(sorted)
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

// milliseconds names a duration as a figure.
func milliseconds(name string, d time.Duration) Figure {
	return Figure{Name: name, Value: float64(d) / float64(time.Millisecond), Unit: "ms"}
}
