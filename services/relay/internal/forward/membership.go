package forward

import (
	"slices"
	"time"

	"go.uber.org/zap"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/telemetry"
)

const (
	// goodbyeGrace is how long a transport stays open after Goodbye, so that the message arrives, also if it is lost once.
	goodbyeGrace = time.Second
	// takeOverTimeout is how long a newer connection may lack media that the older one still sends.
	takeOverTimeout = 3 * time.Second
)

// join adds a connection that is being made.
func (l *Lesson) join(c *Connection, p *relayv1.LessonPolicy) {
	l.setPolicy(p)
	for others := l.of[c.participant]; len(others) >= l.forwarder.config.MaxConnectionsPerParticipant; others = others[1:] {
		l.leave(others[0], goodbye(relayv1.GoodbyeReason_GOODBYE_REASON_REPLACED))
	}
	l.connections = append(l.connections, c)
	l.of[c.participant] = append(l.of[c.participant], c)
}

func (l *Lesson) attach(c *Connection, t Transport) {
	c.transport.Store(&t)
	if c.state == ended { // while the answer was made
		l.closing.Go(t.Close)
	}
}

func (l *Lesson) connected(c *Connection, audio, video []Output) {
	if c.state != connecting {
		return
	}
	c.state, c.since = connected, time.Now()
	streams := map[uint32]*slot{}
	for i, s := range c.audioSlots[:min(len(audio), len(c.audioSlots))] {
		s.connect(audio[i])
		streams[audio[i].SSRC] = s
	}
	for i, s := range c.videoSlots[:min(len(video), len(c.videoSlots))] {
		s.connect(video[i])
		streams[video[i].SSRC] = s
	}
	c.streams.Store(&streams)
	if l.publishing[c.participant] == nil {
		l.publishing[c.participant] = c
	}
	l.forwarder.events.connectionChanged(l.id, c.participant, true)
	l.log.Info("media connected", zap.String(telemetry.ParticipantID, c.participant),
		zap.String(telemetry.ConnectionID, c.id))
	l.stale = true
}

// leave ends a connection, with a goodbye if there is a reason to give.
func (l *Lesson) leave(c *Connection, reason *relayv1.GoodbyeReason) {
	if c.state == ended {
		return
	}
	wasUp := c.state == connected
	c.state, c.since = ended, time.Now()
	l.drop(c)
	for _, s := range c.slots() {
		s.clear()
	}
	if reasonOf(reason) != relayv1.GoodbyeReason_GOODBYE_REASON_REPLACED {
		c.shut() // else it may be seen until the newer connection's first keyframe
	}
	l.closeTransport(c, reason)
	l.forwarder.release(l, c.participant)
	l.stale = true
	if l.publishing[c.participant] == c {
		l.succeed(c.participant)
	}
	if wasUp && !slices.ContainsFunc(l.of[c.participant], func(o *Connection) bool { return o.state == connected }) {
		l.forwarder.events.connectionChanged(l.id, c.participant, false)
	}
	l.log.Info("media ended", zap.String(telemetry.ParticipantID, c.participant),
		zap.String(telemetry.ConnectionID, c.id), zap.Stringer("reason", reasonOf(reason)))
}

// drop takes a connection off the lists.
func (l *Lesson) drop(c *Connection) {
	l.connections = without(l.connections, c)
	if l.of[c.participant] = without(l.of[c.participant], c); len(l.of[c.participant]) == 0 {
		delete(l.of, c.participant)
	}
}

// without is another list.
func without(list []*Connection, c *Connection) []*Connection {
	return slices.DeleteFunc(slices.Clone(list), func(o *Connection) bool { return o == c })
}

// succeed lets the newest connection that is left publish for a participant.
func (l *Lesson) succeed(participant string) {
	delete(l.publishing, participant)
	for _, o := range l.of[participant] {
		if o.state == connected {
			l.publishing[participant] = o
		}
	}
}

// closeTransport closes in the background; lesson.run waits for it.
func (l *Lesson) closeTransport(c *Connection, reason *relayv1.GoodbyeReason) {
	t := c.transport.Load()
	if t == nil {
		return
	}
	told := reason != nil && c.channelOpen && (*t).Send(&relayv1.ServerMessage{
		Kind: &relayv1.ServerMessage_Goodbye{Goodbye: &relayv1.Goodbye{Reason: *reason}},
	}) == nil
	l.closing.Go(func() {
		if told {
			<-time.After(goodbyeGrace)
		}
		(*t).Close()
		l.post(func() { l.forget(c) })
	})
}

// forget takes the layers of a closed connection out of all slots, and with them their caches.
func (l *Lesson) forget(c *Connection) {
	for _, viewer := range l.connections {
		for _, s := range viewer.slots() {
			if s.forget(c) {
				s.chosen = nil
				l.stale = true
			}
		}
	}
}

// remove ends all connections of a participant.
func (l *Lesson) remove(participant string) {
	for _, c := range l.of[participant] {
		l.leave(c, goodbye(relayv1.GoodbyeReason_GOODBYE_REASON_REMOVED))
	}
}

// look ends what has been silent or unconnected too long, and lets new connections take over from older ones.
func (l *Lesson) look(now time.Time) {
	config := l.forwarder.config
	for _, c := range l.connections {
		switch {
		case c.state == connecting && now.Sub(c.since) > config.ConnectTimeout:
			l.leave(c, nil)
		case c.state == connected && now.Sub(c.lastSign()) > c.patience(config.SilenceTimeout):
			l.leave(c, nil)
		case c.state == connected && l.of[c.participant][0] != c && l.carries(c, now):
			l.takeOver(c)
		}
	}
}

// lastSign is the last time that the participant showed life on this connection.
func (c *Connection) lastSign() time.Time {
	last := c.since
	for _, nanos := range []int64{c.media.Load(), c.heartbeat.Load()} {
		if t := time.Unix(0, nanos); nanos != 0 && t.After(last) {
			last = t
		}
	}
	return last
}

// carries reports whether a newer connection does what the one before it did: every kind of media that came lately
// comes here too. After takeOverTimeout it need not: its participant may send less now.
func (l *Lesson) carries(c *Connection, now time.Time) bool {
	if now.Sub(c.since) > takeOverTimeout {
		return true
	}
	for _, old := range l.publishing[c.participant].publications {
		if old.active && old.live(now) && !c.sends(old.kind) {
			return false
		}
	}
	return c.channelOpen || c.media.Load() != 0
}

// sends reports whether packets of a kind have come.
func (c *Connection) sends(kind relayv1.MediaKind) bool {
	return slices.ContainsFunc(c.publications, func(p *publication) bool {
		return p.kind == kind && slices.ContainsFunc(p.layers, func(one *Layer) bool { return one.newest.Load() != 0 })
	})
}

// takeOver makes c the participant's connection and ends all older ones.
func (l *Lesson) takeOver(c *Connection) {
	l.publishing[c.participant] = c
	for _, older := range l.of[c.participant] {
		if older == c {
			return
		}
		l.leave(older, goodbye(relayv1.GoodbyeReason_GOODBYE_REASON_REPLACED))
	}
}

func goodbye(r relayv1.GoodbyeReason) *relayv1.GoodbyeReason { return &r }

func reasonOf(r *relayv1.GoodbyeReason) relayv1.GoodbyeReason {
	if r == nil {
		return relayv1.GoodbyeReason_GOODBYE_REASON_UNSPECIFIED
	}
	return *r
}
