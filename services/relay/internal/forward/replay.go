package forward

import (
	"math"
	"slices"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/packetcache"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

const (
	// replayAge, replayPackets and replayBytes bound the past that a slot begins with. Where the last keyframe is
	// older, a new one is asked for.
	replayAge     = time.Second
	replayPackets = 150
	replayBytes   = 200_000
	// replayTime is how long the replays of one connection may fill its downlink within a second, in seconds.
	replayTime = 0.4
	// replayStep and replayInterval pace the replays of one connection. The socket buffer of a browser holds about
	// 50 packets: 100 at once get lost.
	replayStep     = 16
	replayInterval = 5 * time.Millisecond
)

// replay starts a slot on the layer that it was just pointed at, with the layer's newest keyframe and all that came
// behind it, so that it shows the present picture without waiting for the publisher. It reports false when the slot
// has to wait for a keyframe: there is none, or it is too long ago, incomplete, or too large for the downlink.
func (c *Connection) replay(s *slot, l *Layer, now time.Time) bool {
	if s.audio {
		return false
	}
	bytes, ok := s.rewind(l, now, c.replays.left(now, c.link.budget()))
	if bytes > 0 {
		c.replays.taken += float64(bytes)
		c.behind = append(slices.DeleteFunc(c.behind, func(o *slot) bool { return o == s }), s)
	}
	return ok
}

// catchUp sends the next packets to slots that are behind, one slot after the other, until all are in the present.
func (l *Lesson) catchUp(c *Connection) {
	if len(c.behind) == 0 && !c.catching {
		return
	}
	out := l.forwarder.out.Batch()
	defer l.forwarder.out.Return(out)
	left := replayStep
	for len(c.behind) > 0 && left > 0 && c.state == connected {
		if left -= c.behind[0].catchUp(left, out); left > 0 {
			c.behind = c.behind[1:]
		}
	}
	if c.catching = len(c.behind) > 0 && c.state == connected; c.catching {
		time.AfterFunc(replayInterval, func() { l.post(func() { l.catchUp(c) }) })
	}
}

// cursor is how far a slot has come in the cache of the layer that it shows. The zero cursor is none: packets come
// from those who read them alone.
type cursor struct {
	feed
	next uint64
	// until is the newest packet at the beginning, captured at present: what goes out up to there is shown as of then.
	until   uint64
	present time.Time
}

// rewind points the slot at the newest keyframe in l's cache, if what came since has at most limit bytes. It reports
// how many these are, and whether the slot shows l now. The slot is attached to l already: until it has caught up,
// what write is given and lies ahead of the cursor is left to catchUp.
func (s *slot) rewind(l *Layer, now time.Time, limit int) (bytes int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rewriter.Waiting() != l.id { // a keyframe came just now
		return 0, s.rewriter.Current() == l.id
	}
	from, known := s.feed(l.id)
	group, ok := l.cache.Group(replayPackets)
	if !known || !ok || !group.Whole || group.Bytes > limit || now.Sub(group.Since) > replayAge || !s.begin(from, group) {
		return 0, false
	}
	return group.Bytes, true
}

// rewindRepaired starts the slot at p, the first packet of a keyframe that came late, and sends what came before it
// and belongs behind it. What is still missing follows when it is repaired. The caller holds mu.
func (s *slot) rewindRepaired(from feed, p *munge.Packet, out *wire.Batch) {
	group, ok := from.layer.cache.Group(2 * replayStep)
	if ok && group.First == p.Ext && s.begin(from, group) {
		s.advance(math.MaxInt, out)
	}
}

// begin makes a group's source the one that is shown, unless some of the group arrived before others were allowed to
// see it. The caller holds mu.
func (s *slot) begin(from feed, group packetcache.Group) bool {
	l := from.layer
	opened := l.publication.opened.Load()
	if s.output.Media == nil || !l.publication.open.Load() || opened != nil && group.Since.Before(*opened) {
		return false
	}
	first, ok := l.cache.Get(group.First, s.repair.room())
	if !ok || !s.rewriter.Rewind(l.id, &first, &group.Last) {
		return false
	}
	s.closed = false
	s.behind = cursor{feed: from, next: group.First, until: group.Last.Ext, present: captured(&group.Last)}
	return true
}

// catchUp sends at most limit packets and reports how many; fewer than limit when the slot is in the present.
func (s *slot) catchUp(limit int, out *wire.Batch) (sent int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.advance(limit, out)
}

// advance moves the cursor on. At the newest packet in the cache it vanishes: the reader, which waits for mu with
// what it has put there since, goes on from here. The caller holds mu.
func (s *slot) advance(limit int, out *wire.Batch) (sent int) {
	for l := s.behind.layer; l != nil && sent < limit; s.behind.next++ {
		if s.rewriter.Current() == l.id && !l.publication.open.Load() {
			s.halt()
		}
		if s.rewriter.Current() != l.id || s.behind.next > l.cache.Newest() {
			s.behind = cursor{}
			return sent
		}
		if p, ok := l.cache.Get(s.behind.next, s.repair.room()); ok {
			shown := captured(&p)
			if p.Ext <= s.behind.until {
				shown = s.behind.present
			}
			s.forward(s.behind.feed, &p, shown, out)
			sent++
		}
	}
	return sent
}

// ahead reports whether catchUp will bring this packet. The caller holds mu.
func (s *slot) ahead(l *Layer, ext uint64) bool {
	return s.behind.layer == l && ext >= s.behind.next && s.rewriter.Current() == l.id
}

// allowance is how much of its downlink a connection may still spend on replays. The zero value is full.
type allowance struct {
	taken float64 // bytes, worn off since
	since time.Time
}

// left is in bytes; budget is what the downlink carries in bits per second. What was taken wears off in a second.
func (a *allowance) left(now time.Time, budget int) int {
	full := float64(budget) / 8 * replayTime
	a.taken = max(0, a.taken-full*now.Sub(a.since).Seconds())
	a.since = now
	return int(max(0, min(full-a.taken, replayBytes)))
}
