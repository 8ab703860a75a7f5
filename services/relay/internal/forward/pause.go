package forward

import relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"

// tellPause lets a participant know when one of its pictures stands still though its source goes on, and when it goes on:
// it would take a frozen picture for the lesson.
func (l *Lesson) tellPause(c *Connection, s *slot) {
	if reason := l.pause(s); reason != s.paused {
		s.paused = reason
		c.announcePause(s)
	}
}

// pause is why a slot does not show what it could; unspecified when it does, and when its participant does not look.
func (l *Lesson) pause(s *slot) relayv1.PauseReason {
	switch {
	case s.asked == 0 || l.filling(s) == nil:
		return relayv1.PauseReason_PAUSE_REASON_UNSPECIFIED
	case s.share.Height == 0:
		return relayv1.PauseReason_PAUSE_REASON_RELAY_BUSY
	case s.share.Paused:
		return relayv1.PauseReason_PAUSE_REASON_DOWNLINK
	}
	return relayv1.PauseReason_PAUSE_REASON_UNSPECIFIED
}

func (c *Connection) announcePause(s *slot) {
	c.send(&relayv1.ServerMessage{Kind: &relayv1.ServerMessage_SlotPaused{
		SlotPaused: &relayv1.SlotPaused{SlotId: s.id, Reason: s.paused},
	}})
}
