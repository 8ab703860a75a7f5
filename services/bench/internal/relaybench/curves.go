package relaybench

import (
	"math"
	"slices"
	"strings"

	"github.com/tongke-edu/tongke/services/bench/internal/chart"
)

// curves are the pictures of a run, by file name.
type curves struct {
	charts map[string]*chart.Chart
	names  []string
}

// shown are the names of servers in legends, where there is little room.
var shown = strings.NewReplacer("pion_cm", "Pion CM", "pion_gcm", "Pion GCM")

func newCurves() *curves { return &curves{charts: map[string]*chart.Chart{}} }

// titles of the pictures.
var titles = map[string]chart.Chart{
	"cpu-subscribers":    {Title: "CPU over subscribers", XLabel: "subscribers of one lecture", YLabel: "% of one core"},
	"us-subscribers":     {Title: "CPU per forwarded packet", XLabel: "subscribers of one lecture", YLabel: "µs per packet"},
	"memory-subscribers": {Title: "Memory over subscribers", XLabel: "subscribers of one lecture", YLabel: "MB resident"},
	"cpu-publishers":     {Title: "CPU over publishers", XLabel: "publishers, and twenty viewers", YLabel: "% of one core"},
	"memory-publishers":  {Title: "Memory over publishers", XLabel: "publishers, and twenty viewers", YLabel: "MB resident"},
	"loss-video":         {Title: "Video unrepaired after 400 ms", XLabel: "% of packets lost", YLabel: "% of packets"},
	"loss-audio":         {Title: "Sound missing after 400 ms", XLabel: "% of packets lost", YLabel: "% of packets"},
	"steady-delay":       {Title: "Delay in a lesson at 70 % load", XLabel: "minutes", YLabel: "ms, 99th percentile"},
	"steady-memory":      {Title: "Memory in a lesson at 70 % load", XLabel: "minutes", YLabel: "MB resident"},
	"cap-rate":           {Title: "Rate sent into a link of 3, 0.5 and 3 Mbit/s", XLabel: "seconds", YLabel: "Mbit/s"},
}

// add draws one more point; where nothing was measured there is none.
func (c *curves) add(name, series string, x, y float64) {
	if math.IsNaN(y) || math.IsInf(y, 0) {
		return
	}
	series = shown.Replace(series)
	one := c.charts[name]
	if one == nil {
		blank := titles[name]
		one = &blank
		c.charts[name] = one
		c.names = append(c.names, name)
	}
	i := slices.IndexFunc(one.Series, func(s chart.Series) bool { return s.Name == series })
	if i < 0 {
		i = len(one.Series)
		one.Series = append(one.Series, chart.Series{Name: series})
	}
	one.Series[i].Points = append(one.Series[i].Points, chart.Point{X: x, Y: y})
}
