package session

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// planTimeout bounds the look at the plan of a lesson that is open already.
const planTimeout = 2 * time.Second

// stillPlanned refuses a lesson that was cancelled before it had started. A plan that cannot be read now keeps nobody
// from teaching.
func (r *Registry) stillPlanned(ctx context.Context, s *Session) error {
	switch state := s.State(); {
	case state.EndReason == lesson.EndedByCancellation:
		return fault.New(fault.LessonCancelled)
	case state.Phase != lesson.PhaseWaiting:
		return nil
	}
	cancelled, err := r.cancelled(ctx, s.id)
	switch {
	case err != nil:
		s.log.Warn("the plan of an open lesson cannot be read", zap.Error(err))
		return nil
	case cancelled:
		return fault.New(fault.LessonCancelled)
	default:
		return nil
	}
}

func (r *Registry) cancelled(ctx context.Context, lessonID string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, planTimeout)
	defer cancel()
	plan, err := r.p.Planner.Plan(ctx, lessonID)
	return plan.Cancelled, err
}

// closeCancelled ends the lessons that wait although their plan was cancelled, so that classrooms go back to their
// timetable. It gives up at the first plan that cannot be read: the next round comes soon.
func (r *Registry) closeCancelled(ctx context.Context) {
	for _, s := range r.sessions() {
		if s.State().Phase != lesson.PhaseWaiting {
			continue
		}
		cancelled, err := r.cancelled(ctx, s.id)
		if fault.ReasonOf(err) == fault.NotFound {
			continue // never planned here: its own end closes it
		}
		if err != nil {
			if ctx.Err() == nil {
				r.p.Log.Warn("the plans of waiting lessons cannot be read", zap.String(telemetry.LessonID, s.id), zap.Error(err))
			}
			return
		}
		if !cancelled {
			continue
		}
		closing, cancel := context.WithTimeout(ctx, planTimeout)
		_, err = s.Do(closing, lesson.Command{Do: lesson.Cancel{}})
		cancel()
		if err != nil && ctx.Err() == nil {
			s.log.Warn("closing a cancelled lesson failed", zap.Error(err))
		}
	}
}
