// Package layer describes the simulcast layers of a source as they are now. A silent layer is never worth choosing while
// another is live: browsers stop sending upper layers without a word. Who gets which is decided by package allocate.
package layer

import "time"

// Silence is how long a layer may send nothing before it counts as not live.
const Silence = time.Second

// MaxTemporals is how many temporal layers a stream can have.
const MaxTemporals = 4

// assumedHeight is the full height of a source of which no height is known.
const assumedHeight = 720

// Layer is one incoming encoding of a source, as it is now.
type Layer struct {
	// RID is "q", "h" or "f"; empty without simulcast.
	RID string
	// Height of the picture in pixels; 0 when not known yet (see FillHeights).
	Height int
	// Bitrate measured lately, in bits per second.
	Bitrate int
	// Temporals is the number of temporal layers; 0 and 1 are none.
	Temporals int
	// Upto are the bitrates of temporal layers up to each; those below Temporals count.
	Upto [MaxTemporals]int
	// LastPacket is when its newest packet arrived; zero when none has come.
	LastPacket time.Time
}

// Live reports whether the layer sent something lately.
func (l Layer) Live(now time.Time) bool {
	return !l.LastPacket.IsZero() && now.Sub(l.LastPacket) <= Silence
}

// scale is the layer's share of the full height: quarter, half or full, in quarters.
func (l Layer) scale() int {
	switch l.RID {
	case "q":
		return 1
	case "h":
		return 2
	}
	return 4
}

// FillHeights gives layers without a known height one from a sibling's by the ratios q:h:f = 1:2:4, or from
// 720 for "f" when no height is known at all. It changes layers in place.
func FillHeights(layers []Layer) {
	quarter := assumedHeight / 4
	for _, l := range layers {
		if l.Height > 0 {
			quarter = l.Height / l.scale()
		}
	}
	for i := range layers {
		if l := &layers[i]; l.Height == 0 {
			l.Height = quarter * l.scale()
		}
	}
}

// Nominal is a guess at the bitrate of a layer of some height that nobody has measured yet: about one bit per second
// for each pixel of a 16:9 picture (0.9 Mbit/s at 720), as browsers send camera layers.
func Nominal(height int) int { return height * height * 16 / 9 }

// None is the index of no layer.
const None = -1

// HeardLast is the layer that sent something last; None when nothing was ever heard.
func HeardLast(layers []Layer) int {
	last := None
	for i, l := range layers {
		if !l.LastPacket.IsZero() && (last == None || l.LastPacket.After(layers[last].LastPacket)) {
			last = i
		}
	}
	return last
}
