package session

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/placement"
)

func TestPolicy_FollowsTheLesson(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	i.joined(teacher, roomA, roomB)
	waits := func(want func() bool, msg string) {
		t.Helper()
		testkit.Eventually(t, want, msg)
	}
	waits(func() bool { return len(i.relay.last().Participants) == 3 && !i.relay.last().Flowing }, "all three may connect, nothing flows")
	i.do(teacher, lesson.Start{})
	waits(func() bool { return i.relay.last().Flowing }, "media flows")
	if g := i.relay.grant(roomA); g.Standing != placement.Room || !reflect.DeepEqual(g.MaySend, []placement.Media{placement.Camera}) {
		t.Errorf("a room off stage: %+v", g)
	}
	i.do(teacher, lesson.CallOn{ID: roomA})
	waits(func() bool { return i.relay.grant(roomA).Standing == placement.Stage }, "the room is on stage")
	waits(func() bool { return len(i.relay.grant(roomA).MaySend) == 2 }, "its microphone is open")
	i.do(teacher, lesson.MuteAll{})
	waits(func() bool { return len(i.relay.grant(roomA).MaySend) == 1 }, "its microphone is closed")
	i.do(roomB, lesson.Leave{ID: roomB})
	waits(func() bool { return i.relay.saw(&i.relay.gone, roomB) }, "who left is disconnected")
	i.do(teacher, lesson.End{})
	waits(func() bool { return i.relay.saw(&i.relay.closed, theLesson) }, "the lesson is closed")
}

func TestPolicy_IsNotSentAgainWhenNothingChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		later(time.Second)
		sent := len(i.relay.policies)
		i.do(teacher, lesson.PostChat{Text: "chat is no business of the relay"})
		i.do(teacher, lesson.SetHeadCount{ID: roomA, Count: 3})
		later(time.Second)
		if n := len(i.relay.policies); n != sent {
			t.Errorf("%d more policies", n-sent)
		}
	})
}

func TestPolicy_IsRepeatedUntilTheRelayTakesTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher, roomA)
		later(time.Second)
		i.relay.mu.Lock()
		i.relay.failing = 3
		i.relay.mu.Unlock()
		i.do(teacher, lesson.Start{})
		i.do(teacher, lesson.CallOn{ID: roomA})
		later(10 * time.Second)
		if p := i.relay.last(); !p.Flowing || i.relay.grant(roomA).Standing != placement.Stage || p.Revision != i.state().Ordinal {
			t.Errorf("the relay has %+v", p)
		}
	})
}

func TestPolicy_OfARestartedInstanceHasAHigherEpoch(t *testing.T) {
	logs := eventlog.NewMemory()
	first := run(t, logs)
	first.joined(teacher)
	testkit.Eventually(t, func() bool { return first.relay.last().Epoch > 0 }, "a policy was sent")
	epoch := first.relay.last().Epoch
	first.stop()
	second := run(t, logs)
	defer second.stop()
	second.joined(teacher, roomA)
	testkit.Eventually(t, func() bool { return second.relay.last().Epoch > epoch }, "the epoch rises")
	if second.relay.saw(&second.relay.closed, theLesson) || first.relay.saw(&first.relay.closed, theLesson) {
		t.Error("a restart closed the lesson at the relay")
	}
}
