// Package chart draws measured curves as SVG: a few series over one axis each, in one file without scripts or fonts of
// its own. It opens nothing.
package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
)

// Point is one measurement.
type Point struct{ X, Y float64 }

// Series is one curve.
type Series struct {
	Name   string
	Points []Point
}

// Chart is a picture of curves. Both axes begin at zero.
type Chart struct {
	Title, XLabel, YLabel string
	Series                []Series
}

const (
	width, height            = 720, 440
	left, right, top, bottom = 72, 24, 48, 84
	mostTicks                = 5
)

// colours can be told apart by people with any colour vision (Okabe and Ito).
var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"}

// SVG draws the chart.
func (c Chart) SVG() []byte {
	var b bytes.Buffer
	xEnd, yEnd := c.ends()
	xTick, yTick := tick(xEnd), tick(yEnd)
	xEnd, yEnd = whole(xEnd, xTick), whole(yEnd, yTick)
	x := func(v float64) float64 { return left + v/xEnd*(width-left-right) }
	y := func(v float64) float64 { return height - bottom - v/yEnd*(height-top-bottom) }
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	text(&b, width/2, 26, "middle", c.Title, ` font-size="16"`)
	for i := 0.0; i <= math.Round(yEnd/yTick); i++ {
		v := i * yTick
		fmt.Fprintf(&b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#ddd"/>`+"\n", left, y(v), width-right, y(v))
		text(&b, left-8, y(v)+4, "end", short(v), "")
	}
	for i := 0.0; i <= math.Round(xEnd/xTick); i++ {
		v := i * xTick
		text(&b, x(v), height-bottom+18, "middle", short(v), "")
	}
	text(&b, (left+width-right)/2, height-bottom+38, "middle", c.XLabel, "")
	text(&b, 18, (top+height-bottom)/2, "middle", c.YLabel, fmt.Sprintf(` transform="rotate(-90 18 %d)"`, (top+height-bottom)/2))
	for i, s := range c.Series {
		colour := colours[i%len(colours)]
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="2" points="`, colour)
		for _, p := range s.Points {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(p.X), y(p.Y))
		}
		b.WriteString(`"/>` + "\n")
		for _, p := range s.Points {
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>`+"\n", x(p.X), y(p.Y), colour)
		}
		at := left + i*(width-left-right)/max(1, len(c.Series))
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="14" height="4" fill="%s"/>`+"\n", at, height-18, colour)
		text(&b, float64(at+20), height-12, "start", s.Name, "")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// ends are the largest values.
func (c Chart) ends() (x, y float64) {
	for _, s := range c.Series {
		for _, p := range s.Points {
			x, y = max(x, p.X), max(y, p.Y)
		}
	}
	return x, y
}

// tick is the distance of marks on an axis up to v: 1, 2 or 5 times a power of ten.
func tick(v float64) float64 {
	if v <= 0 || math.IsInf(v, 0) {
		return 1
	}
	v /= mostTicks
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 5} {
		if v <= step*power*(1+1e-9) {
			return step * power
		}
	}
	return 10 * power
}

// whole goes up to the next mark, and to the first at least.
func whole(v, tick float64) float64 { return max(1, math.Ceil(v/tick-1e-9)) * tick }

func short(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

func text(b *bytes.Buffer, x, y float64, anchor, s, more string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s"%s>`, x, y, anchor, more)
	_ = xml.EscapeText(b, []byte(s)) // a buffer takes everything
	b.WriteString("</text>\n")
}
