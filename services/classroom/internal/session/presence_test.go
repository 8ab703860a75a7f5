package session

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// later lets time pass in a bubble, until everything that it causes has happened.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestPresence_ABrokenStreamIsLostAfterTheGraceAndGoneAfterAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		c := i.attend(roomA, "window-1", true, 0)
		presence := func() lesson.Presence { return i.state().Participant(roomA).Presence }

		c.cancel()
		later(1400 * time.Millisecond)
		if presence() != lesson.Present {
			t.Fatal("lost within the grace")
		}
		later(200 * time.Millisecond)
		if presence() != lesson.Reconnecting {
			t.Fatalf("presence %v after the grace", presence())
		}
		later(58 * time.Second)
		if presence() != lesson.Reconnecting {
			t.Fatal("gone before the minute")
		}
		later(2 * time.Second)
		if presence() != lesson.Absent {
			t.Fatalf("presence %v after a minute", presence())
		}
	})
}

func TestPresence_AReturnWithinTheGraceLeavesNoTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		c := i.attend(roomA, "window-1", true, 0)
		ordinal := i.state().Ordinal
		c.cancel()
		later(time.Second)
		i.attend(roomA, "window-1", false, ordinal)
		later(2 * time.Minute)
		if got := i.state().Ordinal; got != ordinal {
			t.Errorf("%d events", got-ordinal)
		}
	})
}

func TestPresence_AReturnAfterTheGraceIsAJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		c := i.attend(roomA, "window-1", true, 0)
		ordinal := i.state().Ordinal
		c.cancel()
		later(10 * time.Second)
		back := i.attend(roomA, "window-1", false, ordinal)
		later(2 * time.Minute)
		if !back.got("ConnectionLost") || !back.got("ParticipantJoined") || back.last(ordinal) != ordinal+2 {
			t.Errorf("events %+v", back.received())
		}
		if n := len(i.state().Participant(roomA).Spans); n != 1 {
			t.Errorf("%d spans of presence", n)
		}
	})
}

func TestOverrun_ALessonEndsByItself(t *testing.T) {
	for _, started := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			i := run(t, eventlog.NewMemory())
			defer i.stop()
			i.joined(teacher)
			if started {
				i.do(teacher, lesson.Start{})
			}
			later(time.Hour - time.Second) // ten minutes to the start, 40 long, ten of overrun
			if i.state().Phase == lesson.PhaseEnded {
				t.Fatal("ended too early")
			}
			later(2 * time.Second)
			if s := i.state(); s.Phase != lesson.PhaseEnded || s.EndReason != lesson.EndedByOverrun {
				t.Errorf("phase %v, reason %v", s.Phase, s.EndReason)
			}
			if !i.relay.saw(&i.relay.closed, theLesson) {
				t.Error("the relay was not told")
			}
		})
	}
}

func TestOverrun_IsKeptOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := eventlog.NewMemory()
		first := run(t, logs)
		first.joined(teacher)
		first.do(teacher, lesson.Start{})
		first.stop()

		second := run(t, logs)
		later(time.Second)
		if live := second.Live(); len(live) != 1 || live[0].Phase != lesson.PhaseLive {
			t.Fatalf("recovered %v", live)
		}
		later(time.Hour)
		if s := second.state(); s.EndReason != lesson.EndedByOverrun {
			t.Errorf("reason %v", s.EndReason)
		}
		second.stop()
	})
}

func TestOverrun_ThatPassedWhileNobodyRanEndsTheLessonAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := eventlog.NewMemory()
		first := run(t, logs)
		first.joined(teacher, roomA)
		first.do(teacher, lesson.Start{})
		first.stop()
		time.Sleep(3 * time.Hour)
		second := run(t, logs)
		defer second.stop()
		later(time.Second)
		if s := second.state(); s.EndReason != lesson.EndedByOverrun {
			t.Errorf("phase %v, reason %v", s.Phase, s.EndReason)
		}
	})
}

func TestRetain_AnEndedLessonLeavesMemoryAndCanStillBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		i.do(teacher, lesson.Start{})
		i.do(teacher, lesson.End{})
		later(3 * time.Minute)
		if i.loaded(theLesson) != nil {
			t.Error("the ended lesson is still in memory")
		}
		if n := len(i.state().Participant(teacher).Spans); n != 1 {
			t.Errorf("%d spans", n)
		}
		phases, err := i.Phases(t.Context(), []string{theLesson, "lsn_other"})
		if err != nil || len(phases) != 1 || phases[theLesson] != lesson.PhaseEnded {
			t.Errorf("phases %v, %v", phases, err)
		}
	})
}
