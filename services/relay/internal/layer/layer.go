// Package layer chooses which simulcast layer of a source a subscription gets.
//
// The wish is a height in pixels and a budget in bits per second. The choice is the lowest live layer that is
// high enough, else the highest, and always one that fits the budget; the lowest live layer is allowed whatever
// the budget. A silent layer is never chosen: browsers stop sending upper layers without a word. The choice
// falls at once and rises only after it could have risen for 2 s, unless the viewer itself asked for more.
//
// Pure: times are handed in, nothing runs by itself. A Chooser belongs to one subscription.
package layer

import "time"

// Silence is how long a layer may send nothing before it counts as not live.
const Silence = time.Second

// Hold is how long a higher layer must stay possible before the choice rises to it.
const Hold = 2 * time.Second

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
func (l Layer) Live(now time.Time) bool { return false }

// FillHeights gives layers without a known height one from a sibling's by the ratios q:h:f = 1:2:4, or from
// 720 for "f" when no height is known at all. It changes layers in place.
func FillHeights(layers []Layer) {}

// None is the choice when there is nothing to send.
const None = -1

// Chooser holds the hysteresis of one subscription. The zero value is ready.
type Chooser struct{}

// Choose returns the index of the layer to send, or None when wantHeight is 0 (paused) or no layer is live.
// When the current choice has fallen silent together with all others (a still screen), it is kept.
// layers must be the same source's layers in the same order from call to call; call Reset when the source
// changes.
func (c *Chooser) Choose(now time.Time, layers []Layer, wantHeight, budget int) int { return None }

// Reset forgets the current choice: the next one is made without holding.
func (c *Chooser) Reset() {}
