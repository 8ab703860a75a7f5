// Package planning reads the plans of lessons from scheduling. It caches nothing and owns no goroutine.
package planning

import (
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// longestLesson is how long before now a lesson that is still running can have begun.
const longestLesson = 8 * time.Hour

// Rules are what classroom adds to a plan.
type Rules struct {
	// Lead is how long before its start a lesson can be entered.
	Lead time.Duration
	// Overrun is how long after its end a lesson ends by itself.
	Overrun time.Duration
	// StageSize is how many classrooms may be on stage at once.
	StageSize int
}

// Planner reads plans.
type Planner struct {
	client schedulingv1.SchedulingServiceClient
	rules  Rules
}

// New returns a Planner.
func New(client schedulingv1.SchedulingServiceClient, rules Rules) *Planner {
	return &Planner{client: client, rules: rules}
}

// Plan returns how a lesson is to be opened; NOT_FOUND when it was never planned.
func (p *Planner) Plan(ctx context.Context, lessonID string) (lesson.Open, error) {
	answer, err := p.client.GetLesson(ctx, &schedulingv1.GetLessonRequest{LessonId: lessonID})
	if err != nil {
		return lesson.Open{}, err
	}
	return p.opening(answer.GetLesson()), nil
}

// Due returns the lessons that can be entered at a moment and were not cancelled, by start.
func (p *Planner) Due(ctx context.Context, now time.Time) ([]lesson.Open, error) {
	request := &schedulingv1.ListLessonsRequest{
		From: timestamppb.New(now.Add(-longestLesson - p.rules.Overrun)),
		To:   timestamppb.New(now.Add(p.rules.Lead)),
	}
	var due []lesson.Open
	for {
		answer, err := p.client.ListLessons(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, l := range answer.GetLessons() {
			o := p.opening(l)
			if !o.Cancelled && !now.Before(o.Plan.StartsAt.Add(-o.Lead)) && now.Before(o.Plan.ClosesAt()) {
				due = append(due, o)
			}
			request.AfterLessonId = l.GetId()
		}
		if !answer.GetMore() || len(answer.GetLessons()) == 0 {
			return due, nil
		}
	}
}

func (p *Planner) opening(l *schedulingv1.Lesson) lesson.Open {
	teacher := l.GetTeacher()
	plan := lesson.Plan{
		LessonID:  l.GetId(),
		Title:     l.GetTitle(),
		Kind:      strings.TrimPrefix(l.GetKind().String(), "LESSON_KIND_"),
		StartsAt:  l.GetStartsAt().AsTime(),
		EndsAt:    l.GetEndsAt().AsTime(),
		Overrun:   p.rules.Overrun,
		StageSize: p.rules.StageSize,
		Roster: []lesson.Member{{
			ID: teacher.GetId(), Name: teacher.GetName(), Role: lesson.RoleLead,
			CampusID: teacher.GetCampusId(), CampusName: teacher.GetCampusName(),
		}},
		CampusIDs: []string{teacher.GetCampusId()},
	}
	for _, c := range l.GetClassrooms() {
		plan.Roster = append(plan.Roster, lesson.Member{
			ID: c.GetId(), Name: c.GetName(), Role: lesson.RoleClassroom,
			CampusID: c.GetCampusId(), CampusName: c.GetCampusName(),
		})
		if !slices.Contains(plan.CampusIDs, c.GetCampusId()) {
			plan.CampusIDs = append(plan.CampusIDs, c.GetCampusId())
		}
	}
	return lesson.Open{
		Plan:      plan,
		Cancelled: l.GetStatus() == schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_CANCELLED,
		Lead:      p.rules.Lead,
	}
}
