package forward_test

import (
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

func (w *line) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

// requests counts the keyframe requests among the RTCP that was sent.
func (w *line) requests() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.rtcp {
		if _, ok := p.(*rtcp.PictureLossIndication); ok {
			n++
		}
	}
	return n
}

func TestLesson_IsForgottenAMinuteAfterTheLastConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		c, _ := join(t, f, "teacher", 1)
		c.Ended()
		time.Sleep(55 * time.Second)
		if f.Lessons() != 1 || f.Connections() != 0 {
			t.Errorf("%d lessons and %d connections after 55 s", f.Lessons(), f.Connections())
		}
		time.Sleep(20 * time.Second)
		if f.Lessons() != 0 {
			t.Error("the lesson is held for ever")
		}
	})
}

func TestConnection_IsGivenUpWhenItNeverComesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		w := &line{}
		_, err := f.Join(forward.JoinParams{
			LessonID: "lesson", ParticipantID: "teacher",
			Open: func(*forward.Connection) (forward.Transport, error) { return w, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Second)
		if w.isClosed() {
			t.Error("closed before its time")
		}
		time.Sleep(2 * time.Second)
		if !w.isClosed() || f.Connections() != 0 {
			t.Error("still there after the timeout")
		}
	})
}

func TestConnection_HeartbeatsKeepItAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		c, w := join(t, f, "listener", 1)
		for range 120 {
			time.Sleep(time.Second)
			c.Message(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{Heartbeat: &relayv1.Heartbeat{}}})
		}
		if w.isClosed() {
			t.Fatal("closed in spite of heartbeats")
		}
		time.Sleep(62 * time.Second)
		if !w.isClosed() {
			t.Error("open without heartbeats")
		}
	})
}

func TestSlot_AsksForAKeyframeUntilOneComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		teacher, up := join(t, f, "teacher", 0)
		_, down := join(t, f, "viewer", 1)
		camera := teacher.Incoming(forward.Track{
			Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8,
		})
		p := newPicture(t)
		for n := range 300 { // 3 s without a keyframe
			receive(camera, p.next(n, false), time.Now())
			time.Sleep(10 * time.Millisecond)
		}
		if n := up.requests(); n < 4 || n > 8 {
			t.Errorf("asked %d times in 3 s", n)
		}
		if down.packets.Load() > 0 {
			t.Error("packets before the keyframe")
		}
		receive(camera, p.next(300, true), time.Now())
		synctest.Wait()
		asked := up.requests()
		for n := range 300 {
			receive(camera, p.next(301+n, false), time.Now())
			time.Sleep(10 * time.Millisecond)
		}
		if n := up.requests() - asked; n > 0 {
			t.Errorf("asked %d times after the keyframe", n)
		}
		if n := down.packets.Load(); n != 301 {
			t.Errorf("%d of 301 packets forwarded", n)
		}
	})
}

func TestSlot_RequestsOfManyViewersAreMerged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		teacher, up := join(t, f, "teacher", 0)
		var viewers []*forward.Connection
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			c, _ := join(t, f, id, 1)
			viewers = append(viewers, c)
		}
		camera := teacher.Incoming(forward.Track{
			Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8,
		})
		p := newPicture(t)
		receive(camera, p.next(0, false), time.Now())
		synctest.Wait()
		receive(camera, p.next(1, true), time.Now())
		time.Sleep(time.Second)
		before := up.requests()
		for range 10 {
			for _, c := range viewers {
				c.Feedback([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: 1}}, time.Now(), nil)
			}
		}
		if n := up.requests() - before; n != 1 {
			t.Errorf("50 requests became %d", n)
		}
	})
}

func TestEvents_AWatcherThatDoesNotReadIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := forward.NewEvents()
		f := newForwarderWith(t, events)
		slow, quick := events.Watch(), events.Watch()
		c, _ := join(t, f, "teacher", 1)
		read := 0
		for range 400 { // a sample each second
			c.Message(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{Heartbeat: &relayv1.Heartbeat{}}})
			time.Sleep(time.Second)
			for len(quick.C) > 0 {
				<-quick.C
				read++
			}
		}
		if read < 395 {
			t.Errorf("who reads got %d events", read)
		}
		n := 0
		for range slow.C {
			n++
		}
		if n > 300 {
			t.Errorf("%d events waited for who does not read", n)
		}
	})
}

func TestEvents_ANewWatcherBeginsWithWhoIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := forward.NewEvents()
		f := newForwarderWith(t, events)
		var ids []string
		for _, id := range []string{"teacher", "viewer"} {
			join(t, f, id, 1)
		}
		synctest.Wait()
		w := events.Watch()
		for range 2 {
			ids = append(ids, (<-w.C).GetConnectionChanged().GetParticipantId())
		}
		slices.Sort(ids)
		if !slices.Equal(ids, []string{"teacher", "viewer"}) {
			t.Errorf("began with %v", ids)
		}
	})
}

func TestLesson_KeepsNoMemoryOfThoseWhoLeft(t *testing.T) {
	f := newForwarder(t)
	join(t, f, "viewer", 3)
	p := newPicture(t)
	visit := func() {
		c, w := join(t, f, "teacher", 1)
		for _, rid := range []string{"q", "h", "f"} {
			camera := c.Incoming(forward.Track{
				Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA, RID: rid, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8,
			})
			receive(camera, p.next(1, true), time.Now())
		}
		c.Ended()
		testkit.Eventually(t, w.isClosed, "closed")
	}
	visit()
	before := heap()
	for range 200 {
		visit()
	}
	testkit.Eventually(t, func() bool { return f.Connections() == 1 && heap() < before+4<<20 }, "memory as before")
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
