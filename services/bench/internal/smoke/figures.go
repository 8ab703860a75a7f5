package smoke

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/tongke-edu/tongke/services/bench/internal/stats"
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

// milliseconds names a duration as a figure.
func milliseconds(name string, d time.Duration) Figure {
	return Figure{Name: name, Value: stats.Milliseconds(d), Unit: "ms"}
}
