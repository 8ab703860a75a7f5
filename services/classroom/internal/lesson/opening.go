package lesson

import (
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// Open begins the log with the plan. Lead is how long before the start a lesson can be entered.
type Open struct {
	Plan      Plan
	Cancelled bool
	Lead      time.Duration
}

// Start lets media flow; only the lead teacher.
type Start struct{}

// End ends the lesson for all: the lead teacher, or an assistant while the lead teacher is away.
type End struct{}

// Expire ends a lesson whose planned end and overrun have passed, started or not; otherwise it changes nothing.
type Expire struct{}

// Cancel ends a lesson that waits, because its plan was cancelled; one that has started goes on.
type Cancel struct{}

// Name implements Action.
func (Open) Name() string { return "Open" }

// Name implements Action.
func (Start) Name() string { return "Start" }

// Name implements Action.
func (End) Name() string { return "End" }

// Name implements Action.
func (Expire) Name() string { return "Expire" }

// Name implements Action.
func (Cancel) Name() string { return "Cancel" }

func (a Open) decide(d *draft) error {
	opensAt := a.Plan.StartsAt.Add(-a.Lead)
	switch {
	case d.state.Phase != PhaseNone:
		return nil
	case a.Cancelled:
		return fault.New(fault.LessonCancelled)
	case d.at.Before(opensAt):
		return fault.New(fault.LessonNotOpen, fault.With("opens_at", opensAt.UTC().Format(time.RFC3339)))
	case !d.at.Before(a.Plan.ClosesAt()):
		return fault.New(fault.LessonEnded)
	}
	plan := a.Plan
	if plan.StageSize <= 0 {
		plan.StageSize = DefaultStageSize
	}
	d.emit(LessonOpened{Plan: plan})
	return nil
}

func (Start) decide(d *draft) error {
	if err := d.open(); err != nil {
		return err
	}
	if err := d.lead(); err != nil {
		return err
	}
	if d.state.Phase == PhaseLive {
		return fault.New(fault.LessonAlreadyStarted)
	}
	d.emit(LessonStarted{})
	return nil
}

func (End) decide(d *draft) error {
	if err := d.open(); err != nil {
		return err
	}
	p, err := d.sender()
	if err != nil {
		return err
	}
	switch {
	case p.Role == RoleLead:
	case p.Role == RoleAssistant && d.state.Lead().Presence != Present:
	default:
		return fault.New(fault.PermissionDenied)
	}
	if err := d.live(); err != nil {
		return err
	}
	d.emit(LessonEnded{Reason: EndedByHand})
	return nil
}

func (Expire) decide(d *draft) error {
	if d.state.Open() && !d.at.Before(d.state.Plan.ClosesAt()) {
		d.emit(LessonEnded{Reason: EndedByOverrun})
	}
	return nil
}

func (Cancel) decide(d *draft) error {
	if d.state.Phase == PhaseWaiting {
		d.emit(LessonEnded{Reason: EndedByCancellation})
	}
	return nil
}
