package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func TestSVG_IsWellFormedAndHoldsEverySeries(t *testing.T) {
	c := Chart{Title: "CPU & <memory>", XLabel: "subscribers", YLabel: "us", Series: []Series{
		{Name: "relay", Points: []Point{{10, 5}, {200, 8}}}, {Name: "pion"},
	}}
	svg := string(c.SVG())
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Count(svg, "<polyline") != 2 || strings.Count(svg, "<circle") != 2 || !strings.Contains(svg, "CPU &amp; &lt;memory&gt;") {
		t.Error(svg)
	}
	if strings.Contains(svg, "NaN") || strings.Contains(string(Chart{}.SVG()), "NaN") {
		t.Error("not a number in the picture")
	}
}

func TestAxis_EndsAtTheFirstMarkThatHoldsAllValues(t *testing.T) {
	for v, want := range map[float64][2]float64{0: {1, 1}, 0.13: {0.05, 0.15}, 1: {0.2, 1}, 6: {2, 6}, 26: {10, 30}, 88: {20, 100}, 200: {50, 200}} {
		step := tick(v)
		if end := whole(v, step); math.Abs(step-want[0]) > 1e-9 || math.Abs(end-want[1]) > 1e-9 {
			t.Errorf("an axis up to %v has marks of %v and ends at %v, want %v", v, step, end, want)
		}
	}
}
