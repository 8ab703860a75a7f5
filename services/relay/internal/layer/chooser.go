package layer

import "time"

// Chooser holds the hysteresis of one subscription. The zero value is ready.
type Chooser struct {
	current int
	chosen  bool
	want    int       // the last wish
	since   time.Time // when a higher layer became possible; zero while none is
}

// Choose returns the index of the layer to send, or None when wantHeight is 0 (paused) or no layer has sent anything
// yet.
// layers must be the same source's layers in the same order from call to call, growing at most at the end; call
// Reset when the source changes. Unknown heights are filled in place.
func (c *Chooser) Choose(now time.Time, layers []Layer, wantHeight, budget int) int {
	if wantHeight <= 0 || len(layers) == 0 {
		c.Reset()
		return None
	}
	asked := c.chosen && wantHeight > c.want
	c.want = wantHeight
	FillHeights(layers)
	next := best(now, layers, wantHeight, budget)
	c.chosen = c.chosen && c.current < len(layers)
	switch {
	case next == None:
		c.Reset()
		return None
	case !c.chosen, asked, !layers[c.current].Live(now), layers[next].Height < layers[c.current].Height:
		c.take(next)
	case layers[next].Height == layers[c.current].Height:
		c.since = time.Time{}
	case c.since.IsZero():
		c.since = now
	case now.Sub(c.since) >= Hold:
		c.take(next)
	}
	return c.current
}

// Reset forgets the current choice: the next one is made without holding.
func (c *Chooser) Reset() { *c = Chooser{} }

func (c *Chooser) take(next int) { c.current, c.chosen, c.since = next, true, time.Time{} }
