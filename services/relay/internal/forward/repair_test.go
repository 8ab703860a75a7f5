package forward_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

// asked is how many packets a participant was asked to send again.
func (w *line) asked() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.rtcp {
		if nack, ok := p.(*rtcp.TransportLayerNack); ok {
			for _, pair := range nack.Nacks {
				n += len(pair.PacketList())
			}
		}
	}
	return n
}

// lossyLecture has a camera that sends again, a viewer who sees it, and has just lost a packet on the way up.
func lossyLecture(t *testing.T) (l *lecture, viewer *line) {
	t.Helper()
	l = &lecture{Forwarder: newForwarder(t), t: t, p: newPicture(t)}
	teacher, up := join(t, l.Forwarder, "teacher", 0)
	l.up = up
	l.camera = teacher.Incoming(forward.Track{Kind: cameraKind, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8, Repeats: true})
	_, viewer = l.joins("viewer")
	l.keyframe(3, 10*time.Millisecond)
	l.p.next(l.number, false) // lost
	l.number++
	l.goes(1, 10*time.Millisecond)
	return l, viewer
}

func TestLayer_AsksForWhatIsMissingThoughNothingMoreArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := lossyLecture(t)
		time.Sleep(19 * time.Millisecond)
		synctest.Wait()
		if n := l.up.asked(); n > 0 {
			t.Fatalf("asked %d times for what may only be late", n)
		}
		for _, want := range []int{1, 2, 3} {
			time.Sleep(60 * time.Millisecond)
			synctest.Wait()
			if n := l.up.asked(); n != want {
				t.Errorf("asked %d times, want %d", n, want)
			}
		}
	})
}

func TestLayer_AsksForAKeyframeInPlaceOfWhatIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := lossyLecture(t)
		before := l.up.requests()
		time.Sleep(499 * time.Millisecond)
		synctest.Wait()
		if n := l.up.requests() - before; n > 0 {
			t.Fatalf("asked for %d keyframes while a repair is of use", n)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if n := l.up.requests() - before; n != 1 {
			t.Errorf("asked for %d keyframes, want 1", n)
		}
	})
}

// misses lets a viewer ask for its packet with some number.
func misses(c *forward.Connection, seq uint16) {
	c.Feedback([]rtcp.Packet{&rtcp.TransportLayerNack{
		MediaSSRC: 1, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{seq}),
	}}, time.Now(), nil)
}

func TestSlot_WhatAViewerMissesForTooLongBecomesAKeyframe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		c, w := l.joins("viewer")
		l.keyframe(60, 33*time.Millisecond)
		before, got := l.up.requests(), w.sent()
		for _, seq := range []uint16{got[10].seq, got[11].seq, got[10].seq} {
			misses(c, seq)
		}
		synctest.Wait()
		if n := len(w.sent()) - len(got); n > 0 {
			t.Errorf("%d packets that are 1.6 s old were sent again", n)
		}
		if n := l.up.requests() - before; n != 1 {
			t.Errorf("%d keyframes were asked for, want 1", n)
		}
	})
}

func TestSlot_APacketIsSentAgainSixTimesAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		c, w := l.joins("viewer")
		l.keyframe(5, 33*time.Millisecond)
		got := w.sent()
		for range 20 {
			misses(c, got[4].seq)
			time.Sleep(20 * time.Millisecond)
		}
		if n := len(w.sent()) - len(got); n != 6 {
			t.Errorf("sent again %d times", n)
		}
	})
}
