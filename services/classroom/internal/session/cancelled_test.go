package session

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// plans is a planBook whose lessons can be cancelled, and that can be away.
type plans struct {
	planBook
	cancelled, away atomic.Bool
}

func (p *plans) Plan(ctx context.Context, id string) (lesson.Open, error) {
	if p.away.Load() {
		return lesson.Open{}, fault.New(fault.Unavailable)
	}
	o, err := p.planBook.Plan(ctx, id)
	o.Cancelled = p.cancelled.Load()
	return o, err
}

func withPlans() (*plans, option) {
	p := &plans{planBook: planBook{map[string]lesson.Open{theLesson: planAt(theLesson, time.Now().Add(10*time.Minute))}}}
	return p, func(params *Params) { params.Planner = p }
}

func TestCancelled_AWaitingLessonClosesForThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book, opt := withPlans()
		logs := eventlog.NewMemory()
		i := run(t, logs, opt)
		c := i.joined(teacher, roomA)[roomA]
		later(time.Minute)
		if c.got("LessonEnded") {
			t.Fatal("a planned lesson was closed")
		}
		book.away.Store(true)
		book.cancelled.Store(true)
		later(time.Minute)
		if c.got("LessonEnded") {
			t.Fatal("closed although the plan could not be read")
		}
		book.away.Store(false)
		later(i.p.Config.PlanEvery)
		if err := c.ended(); err != nil || !c.got("LessonEnded") {
			t.Errorf("the stream ended with %v, events %v", err, c.received())
		}
		if s := i.state(); s.EndReason != lesson.EndedByCancellation {
			t.Errorf("phase %v, reason %v", s.Phase, s.EndReason)
		}
		i.stop()

		again := run(t, logs, opt) // the lesson is over for good
		defer again.stop()
		if _, _, err := again.Open(t.Context(), theLesson, visitorOf(roomA)); fault.ReasonOf(err) != fault.LessonCancelled {
			t.Errorf("opened again: %v", err)
		}
		if live := again.Live(); len(live) != 0 {
			t.Errorf("%d lessons are live", len(live))
		}
	})
}

func TestCancelled_ALessonThatHasStartedGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book, opt := withPlans()
		i := run(t, eventlog.NewMemory(), opt)
		defer i.stop()
		i.joined(teacher, roomA)
		i.do(teacher, lesson.Start{})
		book.cancelled.Store(true)
		later(5 * time.Minute)
		if phase := i.state().Phase; phase != lesson.PhaseLive {
			t.Errorf("phase %v", phase)
		}
	})
}
