package forward

import (
	"cmp"
	"slices"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/layer"
)

// chooseLayers points every slot at the layer that it should carry now.
func (l *Lesson) chooseLayers(now time.Time) {
	for _, c := range l.connections {
		if c.state != connected {
			continue
		}
		for _, s := range c.audioSlots {
			if p := l.filling(s); p != nil && len(p.layers) > 0 {
				c.follow(s, p.layers[len(p.layers)-1], now)
			}
		}
		l.chooseVideo(c, now)
		if !c.catching {
			l.catchUp(c)
		}
		if !c.probing {
			l.probe(c)
		}
	}
}

// filling is the publication that a slot should carry now; nil while it is free or waits for an acknowledgement.
func (l *Lesson) filling(s *slot) *publication {
	if s.pending {
		return nil
	}
	return l.publication(s.source)
}

// chooseVideo shares the estimate between the video slots: each first gets the least that its source has, then
// those that are shown large choose first.
func (l *Lesson) chooseVideo(c *Connection, now time.Time) {
	slots := slices.Clone(c.videoSlots)
	slices.SortStableFunc(slots, func(a, b *slot) int { return cmp.Compare(b.wantHeight, a.wantHeight) })
	audio := 0
	for _, s := range c.audioSlots {
		if s.source.Participant != "" {
			audio += c.protection.reserve()
		}
	}
	budget, wanted, lowest := c.link.budget()-audio, audio, audio
	offers := make([][]layer.Layer, len(slots))
	for i, s := range slots {
		if p := l.filling(s); p != nil && s.wantHeight > 0 {
			offers[i] = p.offer()
			floor := least(offers[i], now)
			budget -= floor
			wanted += layer.Wanted(now, offers[i], s.wantHeight)
			lowest = max(lowest, audio+floor)
		}
	}
	c.link.want(wanted+wanted/10, lowest)
	for i, s := range slots {
		p := l.filling(s)
		if p == nil {
			continue
		}
		if s.choosing != len(p.layers) {
			s.chooser.Reset()
			s.choosing = len(p.layers)
		}
		floor := least(offers[i], now)
		chosen := s.chooser.Choose(now, offers[i], s.wantHeight, max(0, budget)+floor)
		if chosen == layer.None {
			if s.wantHeight == 0 {
				s.free()
			}
			continue
		}
		budget -= offers[i][chosen].Bitrate - floor
		c.follow(s, p.layers[chosen], now)
	}
}

// offer describes the layers of a publication as they are now.
func (p *publication) offer() []layer.Layer {
	out := make([]layer.Layer, len(p.layers))
	for i, one := range p.layers {
		out[i] = layer.Layer{
			RID:        one.track.RID,
			Height:     int(one.height.Load()),
			Bitrate:    int(one.bitrate),
			LastPacket: one.lastPacket(),
		}
	}
	layer.FillHeights(out)
	for i, one := range p.layers {
		if !one.measured {
			out[i].Bitrate = layer.Nominal(out[i].Height)
		}
	}
	return out
}

// least is the bitrate of the lowest live layer.
func least(layers []layer.Layer, now time.Time) int {
	for _, one := range layers {
		if one.Live(now) {
			return one.Bitrate
		}
	}
	return 0
}

// follow makes a slot carry to: at once by a replay, else at its next keyframe. A slot whose participant cannot decode
// it shows nothing rather than somebody else.
func (c *Connection) follow(s *slot, to *Layer, now time.Time) {
	if s.chosen == to {
		return
	}
	if !s.target(to) {
		s.free()
		return
	}
	s.chosen = to
	if !c.replay(s, to, now) {
		to.requestKeyframe(now)
	}
}

// free stops the slot.
func (s *slot) free() {
	if s.chosen == nil {
		return
	}
	s.chosen = nil
	s.chooser.Reset()
	s.clear()
}

// repeatKeyframeRequests asks again for what slots still wait for, and lets slots go of layers they have left.
func (l *Lesson) repeatKeyframeRequests(now time.Time) {
	for _, c := range l.connections {
		for _, s := range c.videoSlots {
			if waiting := s.waitingFor(); waiting != nil && waiting.publication.open.Load() {
				waiting.requestKeyframe(now)
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
}
