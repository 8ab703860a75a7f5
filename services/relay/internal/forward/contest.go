package forward

import (
	"slices"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/assign"
	"github.com/tongke-edu/tongke/services/relay/internal/speaker"
)

// contest follows the microphones of rooms that are more than a viewer has slots for: who speaks is heard.
type contest struct {
	chooser     *speaker.Chooser[assign.SourceID]
	microphones map[assign.SourceID]*speaker.Microphone
}

// loudest tells who of those who compete for a viewer's slots speaks; nobody where all are heard anyway.
func (l *Lesson) loudest(c *Connection, in assign.Input, now time.Time) []assign.SourceID {
	rivals, places := assign.Contest(in)
	if places == 0 || len(rivals) <= places {
		c.contest = nil
		return nil
	}
	if c.contest == nil {
		c.contest = &contest{speaker.NewChooser[assign.SourceID](places), map[assign.SourceID]*speaker.Microphone{}}
	}
	c.contest.chooser.Resize(places)
	for id := range c.contest.microphones {
		if !slices.Contains(rivals, id) {
			c.contest.set(id, nil)
		}
	}
	for _, id := range rivals {
		if p := l.publication(id); p != nil {
			c.contest.set(id, &p.microphone)
		}
	}
	c.contest.chooser.Choose(now)
	return c.contest.chooser.Speakers(nil)
}

// set lets a microphone take part, or with nil no more. One that is known already keeps what it has.
func (c *contest) set(id assign.SourceID, m *speaker.Microphone) {
	switch {
	case m == nil:
		delete(c.microphones, id)
		c.chooser.Remove(id)
	case c.microphones[id] != m:
		c.microphones[id] = m
		c.chooser.Add(id, m)
	}
}

// listen looks who speaks now; slots follow.
func (l *Lesson) listen(now time.Time) {
	for _, c := range l.connections {
		if c.contest != nil && c.contest.chooser.Choose(now) {
			l.stale = true
		}
	}
}

// Heard takes the level of a packet of sound, in dB below the loudest (RFC 6464). It may be called by whoever reads the
// packets.
func (l *Layer) Heard(level uint8, at time.Time) {
	if l.publication.audio() {
		l.publication.microphone.Heard(level, at)
	}
}
