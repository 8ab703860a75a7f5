package forward

import (
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/assign"
)

// clientStatsLife is how long a participant's own figures stay in the samples.
const clientStatsLife = 15 * time.Second

// channelOpened greets a participant and tells what its slots carry already.
func (l *Lesson) channelOpened(c *Connection) {
	if c.state == ended {
		return
	}
	c.channelOpen = true
	hello := &relayv1.Hello{ConnectionId: c.id}
	for _, s := range c.slots() {
		hello.Slots = append(hello.Slots, &relayv1.Slot{SlotId: s.id, Mid: s.mid})
	}
	c.send(&relayv1.ServerMessage{Kind: &relayv1.ServerMessage_Hello{Hello: hello}})
	for _, s := range c.slots() {
		if s.generation > 0 {
			l.announce(c, s)
		}
		if s.paused != relayv1.PauseReason_PAUSE_REASON_UNSPECIFIED {
			c.announcePause(s)
		}
	}
	if c.uplink.needed() {
		c.askToRepeat()
	}
}

// message does what a participant asks for. What names a slot that it does not have is passed over.
func (l *Lesson) message(c *Connection, m *relayv1.ClientMessage) {
	if c.state == ended {
		return
	}
	switch kind := m.GetKind().(type) {
	case *relayv1.ClientMessage_WantSlot:
		l.want(c, kind.WantSlot)
	case *relayv1.ClientMessage_SlotAck:
		if s := c.slotByID(kind.SlotAck.GetSlotId()); s != nil {
			l.acknowledged(c, s, kind.SlotAck.GetGeneration())
		}
	case *relayv1.ClientMessage_SetPublication:
		l.setPublication(c, kind.SetPublication)
	case *relayv1.ClientMessage_Stats:
		c.clientStats, c.clientAt = kind.Stats, time.Now()
	}
}

func (l *Lesson) want(c *Connection, w *relayv1.WantSlot) {
	s := c.slotByID(w.GetSlotId())
	if s == nil {
		return
	}
	s.asked = int(w.GetMaxHeight())
	want := assign.SourceID{}
	if w.GetParticipantId() != "" {
		want = assign.SourceID{Participant: w.GetParticipantId(), Kind: assign.Kind(w.GetKind())}
	}
	if want != s.wantSource {
		s.wantSource = want
		l.stale = true
	}
	l.choose(c, time.Now())
}

// setPublication notes whether a section carries media. It may come before the first packet.
func (l *Lesson) setPublication(c *Connection, set *relayv1.SetPublication) {
	for _, p := range c.publications {
		if p.kind == set.GetKind() {
			p.active = set.GetActive()
			l.stale = true
			return
		}
	}
	p, known := c.sections[set.GetKind()]
	if !known {
		return
	}
	p.active = set.GetActive()
	c.publications = append(c.publications, p)
	l.gate(p)
}

func (c *Connection) slotByID(id string) *slot {
	for _, s := range c.slots() {
		if s.id == id {
			return s
		}
	}
	return nil
}
