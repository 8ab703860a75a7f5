package forward

import (
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/allocate"
	"github.com/tongke-edu/tongke/services/relay/internal/layer"
)

// openAfter is how long a slot waits for temporal layers to open by themselves before a keyframe is asked for.
const openAfter = time.Second

// chooseLayers gives every slot of every participant what its downlink carries now.
func (l *Lesson) chooseLayers(now time.Time) {
	for _, c := range l.connections {
		l.choose(c, now)
	}
}

// attend does the same, and asks again for the keyframes that are still waited for.
func (l *Lesson) attend(now time.Time) {
	for _, c := range l.connections {
		l.choose(c, now)
		c.repeatKeyframeRequests(now)
	}
}

// choose shares the downlink of one who is connected among its slots.
func (l *Lesson) choose(c *Connection, now time.Time) {
	if c.state != connected {
		return
	}
	for i, s := range c.audioSlots {
		l.demand(c, s, i, now)
	}
	for i, s := range c.videoSlots {
		l.demand(c, s, i, now)
	}
	budget := c.link.allowed(now)
	c.link.share(budget, allocate.Share(now, budget, c.shares))
	for _, s := range c.audioSlots {
		l.give(c, s, now)
	}
	for _, s := range c.videoSlots {
		l.give(c, s, now)
		l.tellPause(c, s)
	}
	if !c.catching {
		l.catchUp(c)
	}
	if !c.probing {
		l.probe(c)
	}
}

// filling is the publication that a slot should carry now; nil while it is free or waits for an acknowledgement.
func (l *Lesson) filling(s *slot) *publication {
	if s.pending {
		return nil
	}
	return l.publication(s.source)
}

// demand says what a slot could carry.
func (l *Lesson) demand(c *Connection, s *slot, number int, now time.Time) {
	d := &s.share.Demand
	*d = allocate.Demand{Number: number}
	p := l.filling(s)
	if p == nil {
		return
	}
	standing, _ := l.policy.standing(s.source.Participant)
	switch {
	case !s.audio:
		d.Height = l.wish(c, s)
	case s.output.Red != 0: // written by this goroutine
		d.Copies = c.protection.copies()
	}
	d.Class = allocate.ClassOf(s.source.Kind, standing, d.Height)
	d.Layers = p.offer(now)
}

// give makes a slot carry what it was given.
func (l *Lesson) give(c *Connection, s *slot, now time.Time) {
	p, given := l.filling(s), &s.share.Given
	switch {
	case p == nil:
	case given.Layer != layer.None:
		c.follow(s, p.layers[given.Layer], given.Top, now)
	case given.Paused, !s.audio && s.share.Height == 0:
		s.free()
	}
}

// offer describes the layers of a publication as they are now; once for all who see it.
func (p *publication) offer(now time.Time) []layer.Layer {
	if p.offered.at.Equal(now) && len(p.offered.layers) == len(p.layers) {
		return p.offered.layers
	}
	out := p.offered.layers[:0]
	for _, one := range p.layers {
		out = append(out, layer.Layer{RID: one.track.RID, Height: int(one.height.Load()), LastPacket: one.lastPacket()})
	}
	layer.FillHeights(out)
	for i, one := range p.layers {
		one.rate.describe(&out[i])
	}
	p.offered.at, p.offered.layers = now, out
	return out
}

// follow makes a slot carry temporal layers up to top of a layer: at once by a replay, else at its next keyframe. A
// slot whose participant cannot decode it shows nothing rather than somebody else.
func (c *Connection) follow(s *slot, to *Layer, top uint8, now time.Time) {
	if s.chosen == to {
		s.thin(to, top)
		return
	}
	if !s.target(to, top) {
		s.free()
		return
	}
	s.chosen, s.top, s.narrowed = to, top, time.Time{}
	if !c.replay(s, to, now) {
		to.requestKeyframe(now)
	}
}

// thin changes which temporal layers of what is chosen are wanted.
func (s *slot) thin(l *Layer, top uint8) {
	if s.top == top {
		return
	}
	s.top = top
	s.mu.Lock()
	s.rewriter.Thin(l.id, top)
	s.mu.Unlock()
}

// opens reports whether all temporal layers that are wanted go out, or have been waited for only shortly: browsers open
// them within a few frames.
func (s *slot) opens(now time.Time) bool {
	if s.chosen == nil || s.chosen.rate.layers < 2 {
		return true
	}
	s.mu.Lock()
	narrowed := s.rewriter.Current() == s.chosen.id && s.rewriter.Narrowed(uint8(s.chosen.rate.layers-1))
	s.mu.Unlock()
	switch {
	case !narrowed:
		s.narrowed = time.Time{}
	case s.narrowed.IsZero():
		s.narrowed = now
	}
	return s.narrowed.IsZero() || now.Sub(s.narrowed) < openAfter
}

// free stops the slot.
func (s *slot) free() {
	if s.chosen == nil {
		return
	}
	s.chosen = nil
	s.clear()
}

// repeatKeyframeRequests asks again for what slots still wait for, and lets slots go of layers they have left.
func (c *Connection) repeatKeyframeRequests(now time.Time) {
	for _, s := range c.videoSlots {
		if waiting := s.waitingFor(); waiting != nil && waiting.publication.open.Load() {
			waiting.requestKeyframe(now)
		} else if !s.opens(now) {
			s.chosen.requestKeyframe(now)
		}
		s.settle()
	}
	for _, s := range c.audioSlots {
		s.settle()
	}
	for _, p := range c.publications {
		for _, one := range p.layers {
			one.repeatKeyframeRequest(now)
		}
	}
}
