package speaker

import (
	"slices"
	"time"
)

// candidate is a microphone that may take a place.
type candidate[ID comparable] struct {
	id         ID
	microphone *Microphone
	loudness   int       // now
	heard      time.Time // when it was audible last
	louder     time.Time // since when it is louder by the margin than the quietest holder; zero when it is not
	placed     time.Time // since when it holds a place; zero when it does not
}

func (c *candidate[ID]) holds() bool   { return !c.placed.IsZero() }
func (c *candidate[ID]) audible() bool { return c.loudness >= audible }

// Chooser gives places to the loudest.
type Chooser[ID comparable] struct {
	places     int
	candidates []*candidate[ID]
	speakers   []*candidate[ID] // who holds a place, who has it longest first
}

// NewChooser has so many places, at least one.
func NewChooser[ID comparable](places int) *Chooser[ID] {
	return &Chooser[ID]{places: max(places, 1)}
}

// Add lets a microphone take part; one of the same name is replaced.
func (c *Chooser[ID]) Add(id ID, m *Microphone) {
	c.Remove(id)
	c.candidates = append(c.candidates, &candidate[ID]{id: id, microphone: m})
}

// Remove takes a microphone out, and its place at the next choice.
func (c *Chooser[ID]) Remove(id ID) {
	is := func(x *candidate[ID]) bool { return x.id == id }
	c.candidates = slices.DeleteFunc(c.candidates, is)
	c.speakers = slices.DeleteFunc(c.speakers, is)
}

// Resize changes the number of places, at least one. Who has one longest keeps it.
func (c *Chooser[ID]) Resize(places int) {
	c.places = max(places, 1)
	for _, x := range c.speakers[min(c.places, len(c.speakers)):] {
		x.placed = time.Time{}
	}
	c.speakers = c.speakers[:min(c.places, len(c.speakers))]
}

// Choose looks at all microphones and reports whether the speakers have changed by that. Call it every 50 to 100 ms.
func (c *Chooser[ID]) Choose(now time.Time) (changed bool) {
	for _, x := range c.candidates {
		x.loudness = x.microphone.Loudness(now)
		if x.audible() {
			x.heard = now
		}
	}
	changed = c.release(now)
	for len(c.speakers) < c.places {
		next := c.loudest(func(x *candidate[ID]) bool { return true })
		if next == nil {
			return changed
		}
		c.place(next, now)
		changed = true
	}
	return c.challenge(now) || changed
}

// release frees the places of those who have been silent for long.
func (c *Chooser[ID]) release(now time.Time) bool {
	before := len(c.speakers)
	c.speakers = slices.DeleteFunc(c.speakers, func(x *candidate[ID]) bool {
		if now.Sub(x.heard) < release {
			return false
		}
		x.placed = time.Time{}
		return true
	})
	return len(c.speakers) < before
}

// challenge gives the place of the quietest holder to the loudest of those who have been louder for long enough.
func (c *Chooser[ID]) challenge(now time.Time) bool {
	quiet := c.speakers[0]
	for _, x := range c.speakers {
		if x.loudness < quiet.loudness {
			quiet = x
		}
	}
	for _, x := range c.candidates {
		switch {
		case x.holds() || !x.audible() || x.loudness < quiet.loudness+margin:
			x.louder = time.Time{}
		case x.louder.IsZero():
			x.louder = now
		}
	}
	if now.Sub(quiet.placed) < hold {
		return false
	}
	next := c.loudest(func(x *candidate[ID]) bool { return !x.louder.IsZero() && now.Sub(x.louder) >= attack })
	if next == nil {
		return false
	}
	quiet.placed = time.Time{}
	c.speakers = slices.DeleteFunc(c.speakers, func(x *candidate[ID]) bool { return x == quiet })
	c.place(next, now)
	return true
}

// loudest is the loudest of those without a place who speak and fulfil a condition; the one added first of equals.
func (c *Chooser[ID]) loudest(may func(*candidate[ID]) bool) (found *candidate[ID]) {
	for _, x := range c.candidates {
		if !x.holds() && x.audible() && may(x) && (found == nil || x.loudness > found.loudness) {
			found = x
		}
	}
	return found
}

func (c *Chooser[ID]) place(x *candidate[ID], now time.Time) {
	x.placed, x.louder = now, time.Time{}
	c.speakers = append(c.speakers, x)
}

// Speakers appends who holds a place, who has it longest first.
func (c *Chooser[ID]) Speakers(out []ID) []ID {
	for _, x := range c.speakers {
		out = append(out, x.id)
	}
	return out
}
