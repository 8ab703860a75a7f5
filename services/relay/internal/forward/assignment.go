package forward

import (
	"slices"
	"strings"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/assign"
)

// sourcesNow lists the publications that could fill slots, in a stable order.
func (l *Lesson) sourcesNow(now time.Time) []assign.Source {
	var out []assign.Source
	for participant, c := range l.publishing {
		standing, rank := l.policy.standing(participant)
		for _, p := range c.publications {
			if p.sends(now) && p.open.Load() {
				out = append(out, assign.Source{SourceID: p.source(), Standing: standing, Rank: rank, Active: true})
			}
		}
	}
	slices.SortFunc(out, func(a, b assign.Source) int {
		if order := strings.Compare(a.Participant, b.Participant); order != 0 {
			return order
		}
		return int(a.Kind) - int(b.Kind)
	})
	return out
}

// assign decides anew what every slot carries, and makes the slots follow.
func (l *Lesson) assign(now time.Time) {
	l.stale = false
	l.sources = l.sourcesNow(now)
	for _, c := range l.connections {
		if c.state != connected {
			continue
		}
		in := assign.Input{
			Viewer:     c.participant,
			AudioSlots: len(c.audioSlots),
			VideoSlots: len(c.videoSlots),
			Sources:    l.sources,
			Wants:      assign.Wants{Audio: wants(c.audioSlots), Video: wants(c.videoSlots)},
			Previous:   c.assignment,
		}
		in.Loudest = l.loudest(c, in, now)
		next, changes := assign.Assign(in)
		c.assignment = next
		for _, change := range changes {
			l.changeSlot(c, c.slot(change.Audio, change.Index), change.Slot)
		}
	}
	l.chooseLayers(now)
}

func wants(slots []*slot) []assign.SourceID {
	out := make([]assign.SourceID, len(slots))
	for i, s := range slots {
		out[i] = s.wantSource
	}
	return out
}

// changeSlot announces a new source. The switch follows the acknowledgement or its timeout; a slot that becomes
// free stops at once, and the first source of a slot has nothing to be confused with.
func (l *Lesson) changeSlot(c *Connection, s *slot, to assign.Slot) {
	s.source, s.generation, s.paused = to.Source, to.Generation, relayv1.PauseReason_PAUSE_REASON_UNSPECIFIED
	s.share.Reset() // what was learnt of the former source's layers says nothing about the new one's
	l.announce(c, s)
	if to.Source == (assign.SourceID{}) {
		s.pending = false
		s.free()
		return
	}
	if to.Generation <= 1 || !c.channelOpen {
		s.pending = false
		return
	}
	s.pending = true
	time.AfterFunc(l.forwarder.config.AckTimeout, func() {
		l.post(func() { l.acknowledged(c, s, to.Generation) })
	})
}

// acknowledged lets a slot switch, if it still waits for this generation.
func (l *Lesson) acknowledged(c *Connection, s *slot, generation uint64) {
	if s.pending && s.generation == generation && c.state == connected {
		s.pending = false
		l.choose(c, time.Now())
	}
}

func (l *Lesson) announce(c *Connection, s *slot) {
	c.send(&relayv1.ServerMessage{Kind: &relayv1.ServerMessage_SlotChanged{SlotChanged: &relayv1.SlotChanged{
		SlotId:        s.id,
		Generation:    s.generation,
		ParticipantId: s.source.Participant,
		Kind:          s.kind(),
	}}})
}

// publication finds what a source is now: a rejoined participant's newer connection, or nil when it is gone.
func (l *Lesson) publication(id assign.SourceID) *publication {
	c := l.publishing[id.Participant]
	if c == nil {
		return nil
	}
	for _, p := range c.publications {
		if p.source() == id {
			return p
		}
	}
	return nil
}
