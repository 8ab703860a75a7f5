package session

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

func TestAttend_AReconnectFromAnOrdinalHasNoGapAndNoRepeat(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	i.joined(teacher)
	i.do(teacher, lesson.Start{})
	room := i.attend(roomA, "window-1", true, 0)
	last := uint64(0)
	for n := range 20 {
		i.do(roomA, lesson.RaiseHand{ID: roomA})
		testkit.Eventually(t, func() bool { return room.last(last) == i.state().Ordinal }, "the room knows everything")
		last = room.last(last)
		room.cancel()
		room.ended()
		i.do(roomA, lesson.LowerHand{ID: roomA})
		i.do(teacher, lesson.SetHeadCount{ID: roomA, Count: uint32(n)})
		room = i.attend(roomA, "window-1", false, last)
	}
	testkit.Eventually(t, func() bool { return room.last(last) == i.state().Ordinal }, "the room knows everything")
	if room.snapshot != nil {
		t.Error("a stream that resumes begins with a snapshot")
	}
}

func TestAttend_FromBeyondTheLogIsOutOfRange(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	c := i.attend(roomA, "window-1", true, 99)
	if err := c.ended(); fault.ReasonOf(err) != fault.OutOfRange {
		t.Errorf("got %v", err)
	}
	if p := i.state().Participant(roomA); p.Presence != lesson.Absent {
		t.Error("the refused stream joined")
	}
}

func TestAttend_ThousandEventsReachFiftyStreamsInOrder(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	i.joined(teacher, roomA)
	i.do(teacher, lesson.Start{})
	var streams []*client
	for n := range 50 {
		streams = append(streams, i.attend(fmt.Sprintf("psn_%d", n), "window-1", true, 0))
	}
	i.flicker(1000)
	want := i.state().Ordinal
	for _, c := range streams {
		testkit.Eventually(t, func() bool { return c.last(0) == want }, "a stream has all events")
	}
}

func TestAttend_AStreamThatIsNotReadIsCutAndOthersAreNot(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	i.joined(teacher)
	i.do(teacher, lesson.Start{})
	block := make(chan struct{})
	defer close(block) // as the server does when the handler has returned
	slow := i.attend(roomA, "window-1", true, 0, func(c *client) { c.block = block })
	quick := i.attend(roomB, "window-1", true, 0)
	i.flicker(DefaultConfig().QueueLimit + 10)
	testkit.Eventually(t, func() bool {
		i.flicker(1)
		return len(slow.err) > 0
	}, "the slow stream is cut")
	if err := slow.ended(); fault.ReasonOf(err) != fault.ResourceExhausted {
		t.Errorf("the slow stream ended with %v", err)
	}
	testkit.Eventually(t, func() bool { return quick.last(0) == i.state().Ordinal }, "the quick stream goes on")
}

func TestAttend_ASlowReaderOfALongLogIsNotCutWhileItReads(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	i.joined(teacher)
	i.do(teacher, lesson.Start{})
	i.flicker(2 * DefaultConfig().QueueLimit)
	c := i.attend(roomA, "window-1", true, 1)
	testkit.Eventually(t, func() bool { return c.last(1) == i.state().Ordinal }, "the whole log arrives")
}

func TestAttend_AMessageThatIsNotTakenInTimeCutsTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		block := make(chan struct{})
		slow := i.attend(roomA, "window-1", true, 1, func(c *client) { c.block = block })
		begun := time.Now()
		err := <-slow.err
		if took := time.Since(begun); fault.ReasonOf(err) != fault.ResourceExhausted || took > 15*time.Second {
			t.Errorf("ended after %v with %v", took, err)
		}
		close(block)
	})
}

func TestAttend_ANewerWindowTakesOver(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	older := i.attend(roomA, "window-1", true, 0)
	newer := i.attend(roomA, "window-2", true, 0)
	if err := older.ended(); fault.ReasonOf(err) != fault.Superseded {
		t.Errorf("the older stream ended with %v", err)
	}
	back := i.attend(roomA, "window-1", false, 0)
	if err := back.ended(); fault.ReasonOf(err) != fault.Superseded {
		t.Errorf("the older window came back with %v", err)
	}
	s, _ := i.enter(roomA)
	if _, err := s.Connect(context.Background(), roomA, "window-1", "offer"); fault.ReasonOf(err) != fault.Superseded {
		t.Errorf("media of the older window: %v", err)
	}
	answer, err := s.Connect(context.Background(), roomA, "window-2", "offer")
	if err != nil || answer.SDP != "answer to offer" {
		t.Errorf("media of the newer window: %+v, %v", answer, err)
	}
	if len(newer.err) > 0 {
		t.Errorf("the newer stream ended: %v", newer.ended())
	}
}

func TestAttend_ASecondStreamOfTheSameWindowReplacesTheFirst(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	first := i.attend(roomA, "window-1", true, 0)
	ordinal := i.state().Ordinal
	i.attend(roomA, "window-1", false, ordinal)
	if err := first.ended(); fault.ReasonOf(err) != fault.Cancelled {
		t.Errorf("the first stream ended with %v", err)
	}
	if got := i.state(); got.Ordinal != ordinal || got.Participant(roomA).Presence != lesson.Present {
		t.Errorf("presence %v at %d", got.Participant(roomA).Presence, got.Ordinal)
	}
}

func TestAttend_HeartbeatsComeEveryTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		c := i.attend(roomA, "window-1", true, 0)
		time.Sleep(20*time.Second + time.Millisecond)
		synctest.Wait()
		c.mu.Lock()
		defer c.mu.Unlock()
		if n := len(c.heartbeats); n != 10 || c.heartbeats[n-1] != i.state().Ordinal {
			t.Errorf("%d heartbeats: %v", n, c.heartbeats)
		}
	})
}

func TestAttend_AnEndedLessonSendsItsSnapshotAndCloses(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	clients := i.joined(teacher, roomA)
	i.do(teacher, lesson.Start{})
	i.do(teacher, lesson.End{})
	for id, c := range clients {
		if err := c.ended(); err != nil || !c.got("LessonEnded") {
			t.Errorf("stream of %s ended with %v", id, err)
		}
	}
	late := i.attend(roomB, "window-1", true, 0)
	if err := late.ended(); err != nil || late.snapshot == nil || late.snapshot.Phase != lesson.PhaseEnded {
		t.Errorf("ended with %v, snapshot %+v", err, late.snapshot)
	}
	resumed := i.attend(roomB, "window-1", false, 2)
	if err := resumed.ended(); err != nil || resumed.last(2) != i.state().Ordinal {
		t.Errorf("ended with %v", err)
	}
	if got := i.state().Participant(roomB).Presence; got != lesson.Absent {
		t.Error("an ended lesson was joined")
	}
}

func TestLeave_EndsTheStreamInPeace(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	c := i.attend(roomA, "window-1", true, 0)
	s, _ := i.enter(roomA)
	if r, err := s.Leave(context.Background(), roomA, "window-0"); err != nil || r.Ordinal != 0 {
		t.Fatalf("a window that does not count: %+v, %v", r, err)
	}
	if r, err := s.Leave(context.Background(), roomA, "window-1"); err != nil || r.Ordinal == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := c.ended(); err != nil {
		t.Errorf("the stream ended with %v", err)
	}
	if _, err := s.Connect(context.Background(), roomA, "window-1", "offer"); fault.ReasonOf(err) != fault.ParticipantNotFound {
		t.Errorf("media after leaving: %v", err)
	}
}

func TestAttend_TwoHundredComingsAndGoingsLeaveNothingBehind(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	s, _ := i.enter(teacher)
	for n := range 200 {
		c := i.attend(roomA, fmt.Sprintf("window-%d", n), true, 0)
		if n%2 == 0 {
			if _, err := s.Leave(t.Context(), roomA, fmt.Sprintf("window-%d", n)); err != nil {
				t.Fatal(err)
			}
		} else {
			c.cancel()
		}
		c.ended()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.streams) != 0 || len(s.attendees) > 3 {
		t.Errorf("%d streams, %d attendees", len(s.streams), len(s.attendees))
	}
}
