package chart

import (
	"encoding/xml"
	"errors"
	"io"
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

func TestRound_GoesUpToARoundNumber(t *testing.T) {
	for v, want := range map[float64]float64{0: 1, 0.13: 0.2, 1: 1, 21: 25, 26: 50, 70: 100, 200: 200} {
		if got := round(v); got != want {
			t.Errorf("round(%v) = %v, want %v", v, got, want)
		}
	}
}
