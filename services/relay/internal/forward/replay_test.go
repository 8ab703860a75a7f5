package forward_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

const cameraKind = relayv1.MediaKind_MEDIA_KIND_CAMERA

// lecture is a teacher's camera that sends a packet per frame.
type lecture struct {
	*forward.Forwarder
	t      *testing.T
	up     *line
	camera *forward.Layer
	p      *picture
	number int // of the next packet
}

func newLecture(t *testing.T) *lecture {
	t.Helper()
	l := &lecture{Forwarder: newForwarder(t), t: t, p: newPicture(t)}
	var teacher *forward.Connection
	teacher, l.up = join(t, l.Forwarder, "teacher", 0)
	l.camera = teacher.Incoming(forward.Track{Kind: cameraKind, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8})
	return l
}

func (l *lecture) send(n int, keyframe bool) {
	receive(l.camera, l.p.next(n, keyframe), time.Now())
	l.number = max(l.number, n+1)
}

// goes on with frames that need those before.
func (l *lecture) goes(frames int, every time.Duration) {
	for range frames {
		time.Sleep(every)
		l.send(l.number, false)
	}
	synctest.Wait()
}

// keyframe comes, and then frames.
func (l *lecture) keyframe(frames int, every time.Duration) {
	l.send(l.number, true)
	l.goes(frames, every)
}

func (l *lecture) joins(id string) (*forward.Connection, *line) {
	w := &line{keeps: true}
	return joinBy(l.t, l.Forwarder, id, 1, w), w
}

func (w *line) sent() []written {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]written(nil), w.got...)
}

// expectStream checks that frames from number first to before end came once and in order, as one stream.
func expectStream(t *testing.T, got []written, first, end int) {
	t.Helper()
	if len(got) != end-first {
		t.Fatalf("%d packets, want %d: %v", len(got), end-first, got)
	}
	for i, p := range got {
		if int(p.number) != first+i {
			t.Fatalf("frame %d in place of %d", p.number, first+i)
		}
		if i == 0 {
			continue
		}
		before := got[i-1]
		if p.seq != before.seq+1 || p.picture != (before.picture+1)&0x7fff || !munge.NewerTimestamp(p.timestamp, before.timestamp) {
			t.Fatalf("%+v follows %+v", p, before)
		}
	}
}

func TestReplay_AJoinerSeesThePresentPictureAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		l.keyframe(40, 10*time.Millisecond)
		asked := l.up.requests()
		c, w := l.joins("viewer")
		l.goes(5, 3*time.Millisecond) // while the past is still being sent
		got := w.sent()
		expectStream(t, got, 0, 46)
		c.Feedback([]rtcp.Packet{&rtcp.TransportLayerNack{
			MediaSSRC: 1, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{got[3].seq}),
		}}, time.Now(), nil)
		if again := w.sent(); len(again) != 47 || again[46] != got[3] {
			t.Errorf("asked again for %+v and got %+v", got[3], again[46:])
		}
		l.goes(100, 10*time.Millisecond)
		got = append(got, w.sent()[47:]...)
		expectStream(t, got, 0, 146)
		if n := l.up.requests() - asked; n > 0 {
			t.Errorf("the publisher was asked for %d keyframes", n)
		}
		if took := got[40].timestamp - got[0].timestamp; took > 900 {
			t.Errorf("40 past frames take %d ticks of the viewer's time", took)
		}
	})
}

func TestReplay_IsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		l.keyframe(60, 5*time.Millisecond)
		_, w := l.joins("viewer")
		synctest.Wait()
		if n := len(w.sent()); n == 0 || n > 20 {
			t.Errorf("%d packets in one burst", n)
		}
		time.Sleep(20 * time.Millisecond)
		synctest.Wait()
		expectStream(t, w.sent(), 0, 61)
	})
}

func TestReplay_WhatIsTooOldOrTooMuchIsAskedForAnew(t *testing.T) {
	for claim, past := range map[string]struct {
		frames int
		every  time.Duration
	}{
		"a keyframe of more than a second ago": {12, 100 * time.Millisecond},
		"more than a thin downlink carries":    {120, 5 * time.Millisecond},
	} {
		t.Run(claim, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLecture(t)
				l.keyframe(past.frames, past.every)
				asked := l.up.requests()
				_, w := l.joins("viewer")
				synctest.Wait()
				if n := l.up.requests() - asked; n != 1 || len(w.sent()) > 0 {
					t.Fatalf("%d requests, %d packets", n, len(w.sent()))
				}
				first := l.number
				l.keyframe(3, 10*time.Millisecond)
				expectStream(t, w.sent(), first, l.number)
			})
		})
	}
}

func TestReplay_APastWithAHoleIsAskedForAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		l.keyframe(5, 10*time.Millisecond)
		l.number++ // lost on its way
		l.goes(5, 10*time.Millisecond)
		asked := l.up.requests()
		_, w := l.joins("viewer")
		synctest.Wait()
		if n := l.up.requests() - asked; n != 1 || len(w.sent()) > 0 {
			t.Fatalf("%d requests, %d packets", n, len(w.sent()))
		}
	})
}

func TestReplay_NeverShowsWhatWasSentWhileItWasForbidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		l.SetPolicy("lesson", teaching(2))
		_, w := l.joins("viewer")
		l.keyframe(20, 10*time.Millisecond)
		l.SetPolicy("lesson", teaching(3, cameraKind))
		l.goes(20, 10*time.Millisecond)
		_, late := l.joins("late")
		l.goes(20, 10*time.Millisecond)
		if n := len(w.sent()) + len(late.sent()); n > 0 {
			t.Fatalf("%d packets", n)
		}
		first := l.number
		l.keyframe(3, 10*time.Millisecond)
		expectStream(t, w.sent(), first, l.number)
		expectStream(t, late.sent(), first, l.number)
	})
}

func TestReplay_StopsWhenItIsForbidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		l.keyframe(60, 5*time.Millisecond)
		_, w := l.joins("viewer")
		synctest.Wait()
		l.SetPolicy("lesson", teaching(2))
		before := len(w.sent())
		l.goes(20, 10*time.Millisecond)
		l.SetPolicy("lesson", teaching(3, cameraKind))
		l.goes(20, 10*time.Millisecond)
		if n := len(w.sent()) - before; n > 0 {
			t.Errorf("%d packets of a broken stream", n)
		}
		first := l.number
		l.keyframe(3, 10*time.Millisecond)
		expectStream(t, w.sent()[before:], first, l.number)
	})
}

func TestReplay_AKeyframeWhoseBeginningWasRepairedStartsAWaitingSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		l.goes(10, 10*time.Millisecond)
		_, w := l.joins("viewer")
		l.goes(10, 10*time.Millisecond)
		key := l.number
		l.number++
		l.goes(4, 10*time.Millisecond)
		if n := len(w.sent()); n > 0 {
			t.Fatalf("%d packets before the keyframe", n)
		}
		l.send(key, true)
		l.goes(10, 10*time.Millisecond)
		expectStream(t, w.sent(), key, l.number)
	})
}

func TestReplay_PaddingIsNoHole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		l.keyframe(5, 10*time.Millisecond)
		padding := append([]byte(nil), l.p.next(l.number, false)[:12]...)
		padding[0] |= 0x20
		receive(l.camera, append(padding, 0, 0, 3), time.Now())
		l.number++
		l.goes(5, 10*time.Millisecond)
		_, w := l.joins("viewer")
		synctest.Wait()
		got := w.sent()
		if len(got) != 11 || got[10].number != 11 || got[10].seq != got[0].seq+10 {
			t.Errorf("got %v", got)
		}
	})
}

func TestReplay_TheSlotsOfOneConnectionShareItsDownlink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLecture(t)
		w := &line{keeps: true}
		viewer := joinBy(t, l.Forwarder, "viewer", 2, w)
		l.keyframe(60, 5*time.Millisecond) // 73 kB of the 100 kB that 2 Mbit/s carry in 0.4 s
		synctest.Wait()
		asked, before := l.up.requests(), len(w.sent())
		for range 2 { // away and back
			viewer.Message(want("video0", 0))
			viewer.Message(want("video0", 720))
			time.Sleep(30 * time.Millisecond)
			synctest.Wait()
		}
		if n := len(w.sent()) - before; n != 61 {
			t.Errorf("%d packets, want one replay of 61", n)
		}
		if n := l.up.requests() - asked; n != 1 {
			t.Errorf("asked %d times instead of a second replay", n)
		}
	})
}

func want(slot string, height uint32) *relayv1.ClientMessage {
	return &relayv1.ClientMessage{Kind: &relayv1.ClientMessage_WantSlot{WantSlot: &relayv1.WantSlot{SlotId: slot, MaxHeight: height}}}
}
