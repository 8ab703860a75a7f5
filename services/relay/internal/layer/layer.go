// Package layer chooses which simulcast layer of a source a subscription gets.
//
// The wish is a height in pixels and a budget in bits per second. The choice is the lowest live layer that is
// high enough, else the highest, and always one that fits the budget; the lowest live layer is allowed whatever
// the budget. A silent layer is never chosen while another is live: browsers stop sending upper layers without a
// word. When all are silent (a still screen, a camera cut off) the one heard last is chosen, so that a keyframe
// request can wake it. The choice falls at once and rises only after it could have risen for 2 s, unless the viewer
// itself asked for more.
//
// Pure: times are handed in, nothing runs by itself. A Chooser belongs to one subscription.
package layer

import (
	"math"
	"time"
)

// Silence is how long a layer may send nothing before it counts as not live.
const Silence = time.Second

// Hold is how long a higher layer must stay possible before the choice rises to it.
const Hold = 2 * time.Second

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

// None is the choice when there is nothing to send.
const None = -1

// Wanted is the bitrate of the layer that a wish for wantHeight would get if every budget allowed it; 0 when there is
// none.
func Wanted(now time.Time, layers []Layer, wantHeight int) int {
	if i := best(now, layers, wantHeight, math.MaxInt); i != None && wantHeight > 0 {
		return layers[i].Bitrate
	}
	return 0
}

// best is the choice without memory: the lowest live layer of at least wantHeight that fits the budget, else the
// highest live one that fits, else the lowest live one; when none is live, the one heard last.
func best(now time.Time, layers []Layer, wantHeight, budget int) int {
	enough, highest, lowest := None, None, None
	for i, l := range layers {
		if !l.Live(now) {
			continue
		}
		if lowest == None || l.Height < layers[lowest].Height {
			lowest = i
		}
		if l.Bitrate > budget {
			continue
		}
		if l.Height >= wantHeight && (enough == None || l.Height < layers[enough].Height) {
			enough = i
		}
		if highest == None || l.Height > layers[highest].Height {
			highest = i
		}
	}
	switch {
	case enough != None:
		return enough
	case highest != None:
		return highest
	case lowest != None:
		return lowest
	}
	return heardLast(layers)
}

// heardLast is None when nothing was ever heard.
func heardLast(layers []Layer) int {
	last := None
	for i, l := range layers {
		if !l.LastPacket.IsZero() && (last == None || l.LastPacket.After(layers[last].LastPacket)) {
			last = i
		}
	}
	return last
}
