package forward_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

const (
	goesOn   = relayv1.PauseReason_PAUSE_REASON_UNSPECIFIED
	downlink = relayv1.PauseReason_PAUSE_REASON_DOWNLINK
	busy     = relayv1.PauseReason_PAUSE_REASON_RELAY_BUSY
)

// paused is what a participant knows: the pauses of the pictures that it is sent, by who is in them.
func (w *line) paused() map[string]relayv1.PauseReason {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, out := map[string]string{}, map[string]relayv1.PauseReason{}
	for _, m := range w.said {
		switch kind := m.GetKind().(type) {
		case *relayv1.ServerMessage_SlotChanged:
			in[kind.SlotChanged.GetSlotId()] = kind.SlotChanged.GetParticipantId()
			delete(out, kind.SlotChanged.GetParticipantId())
		case *relayv1.ServerMessage_SlotPaused:
			who := in[kind.SlotPaused.GetSlotId()]
			if out[who] = kind.SlotPaused.GetReason(); out[who] == goesOn {
				delete(out, who)
			}
		}
	}
	return out
}

// pauses counts the messages about pauses.
func (w *line) pauses() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.said {
		if m.GetSlotPaused() != nil {
			n++
		}
	}
	return n
}

// child is a viewer with a control channel.
func (s *school) child() (*forward.Connection, *line) {
	c, w := join(s.t, s.f, "child", 3)
	c.ChannelOpened()
	return c, w
}

func TestPause_IsSaidOnceAndSoIsItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		_, w := s.child()
		if s.goes(5, "child"); w.pauses() > 0 {
			t.Fatalf("paused without need: %v", w.paused())
		}
		s.f.SetPressure(1)
		s.goes(5, "child")
		if got := w.paused(); len(got) != 1 || got["room"] != busy || w.pauses() != 1 {
			t.Errorf("a relay at its limits says %v, in %d messages", got, w.pauses())
		}
		s.f.SetPressure(0)
		s.goes(5, "child")
		if got := w.paused(); len(got) != 0 || w.pauses() != 2 {
			t.Errorf("after that it says %v, in %d messages", got, w.pauses())
		}
	})
}

func TestPause_WhoCannotBeToldLeavesAndOthersAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		_, gone := s.child()
		c, w := join(t, s.f, "other", 3)
		c.ChannelOpened()
		s.goes(5, "other")
		gone.mu.Lock()
		gone.deaf = true
		gone.mu.Unlock()
		s.f.SetPressure(1)
		s.goes(5, "other")
		if got := w.paused(); got["room"] != busy {
			t.Errorf("the other is told %v", got)
		}
		gone.mu.Lock()
		defer gone.mu.Unlock()
		if !gone.closed {
			t.Error("who cannot be told is still there")
		}
	})
}

func TestPause_WhoComesLaterHearsOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		s.f.SetPressure(1)
		c, w := join(t, s.f, "child", 3)
		s.goes(5, "child")
		c.ChannelOpened()
		synctest.Wait()
		if got := w.paused(); len(got) != 1 || got["room"] != busy {
			t.Errorf("told of %v", got)
		}
	})
}

func TestPause_ASlotThatNobodyLooksAtIsNotPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		c, w := s.child()
		for _, id := range []string{"video0", "video1", "video2"} {
			c.Message(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_WantSlot{WantSlot: &relayv1.WantSlot{SlotId: id}}})
		}
		s.f.SetPressure(1)
		s.goes(5, "child")
		if w.pauses() > 0 {
			t.Errorf("told of %v", w.paused())
		}
	})
}

// loses lets the participant report so much loss, of 256, of all its pictures, and show that it is there.
func loses(c *forward.Connection, fraction uint8) {
	c.Message(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{Heartbeat: &relayv1.Heartbeat{}}})
	report := &rtcp.ReceiverReport{SSRC: 99}
	for ssrc := uint32(1); ssrc <= 3; ssrc++ {
		report.Reports = append(report.Reports, rtcp.ReceptionReport{SSRC: ssrc, FractionLost: fraction})
	}
	c.Feedback([]rtcp.Packet{report}, time.Now(), nil)
}

func TestPause_ANarrowDownlinkIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		c, w := s.child()
		s.goes(5, "child")
		for range 60 {
			loses(c, 128)
			s.goes(1, "child")
		}
		got := w.paused()
		if got["room"] != downlink || got["teacher"] != goesOn {
			t.Errorf("told of %v", got)
		}
		for range 120 {
			loses(c, 0)
			s.goes(1, "child")
		}
		if got := w.paused(); len(got) > 0 {
			t.Errorf("told of %v when the way is free again", got)
		}
	})
}
