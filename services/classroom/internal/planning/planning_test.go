package planning

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// listed is how many lessons the timetable lists at once.
const listed = 4

// timetable is a scheduling client that holds lessons.
type timetable struct {
	schedulingv1.SchedulingServiceClient
	lessons []*schedulingv1.Lesson
	asked   *schedulingv1.ListLessonsRequest
}

func (t *timetable) GetLesson(context.Context, *schedulingv1.GetLessonRequest, ...grpc.CallOption) (*schedulingv1.GetLessonResponse, error) {
	return &schedulingv1.GetLessonResponse{Lesson: t.lessons[0]}, nil
}

func (t *timetable) ListLessons(_ context.Context, r *schedulingv1.ListLessonsRequest, _ ...grpc.CallOption) (*schedulingv1.ListLessonsResponse, error) {
	t.asked = r
	rest := t.lessons
	if after := r.GetAfterLessonId(); after != "" {
		rest = rest[1+slices.IndexFunc(rest, func(l *schedulingv1.Lesson) bool { return l.GetId() == after }):]
	}
	page := rest[:min(len(rest), listed)]
	return &schedulingv1.ListLessonsResponse{Lessons: page, More: len(page) == listed}, nil
}

func planned(id string, starts time.Time) *schedulingv1.Lesson {
	return &schedulingv1.Lesson{
		Id: id, Kind: schedulingv1.LessonKind_LESSON_KIND_DUAL_TEACHER_CLASS, Title: "英语",
		Teacher: &directoryv1.Person{Id: "psn_t", Name: "T", CampusId: "cmp_l", CampusName: "L"},
		Classrooms: []*directoryv1.Classroom{
			{Id: "rom_a", Name: "A", CampusId: "cmp_a", CampusName: "CA"},
			{Id: "rom_b", Name: "B", CampusId: "cmp_a", CampusName: "CA"},
		},
		StartsAt: timestamppb.New(starts), EndsAt: timestamppb.New(starts.Add(40 * time.Minute)),
		Status: schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_PLANNED,
	}
}

func TestPlan_IsTheTeacherTheRoomsAndTheirCampuses(t *testing.T) {
	p := New(&timetable{lessons: []*schedulingv1.Lesson{planned("lsn_1", start)}},
		Rules{Lead: 15 * time.Minute, Overrun: 10 * time.Minute, StageSize: 3})
	got, err := p.Plan(t.Context(), "lsn_1")
	if err != nil {
		t.Fatal(err)
	}
	want := lesson.Open{Lead: 15 * time.Minute, Plan: lesson.Plan{
		LessonID: "lsn_1", Title: "英语", Kind: "DUAL_TEACHER_CLASS",
		StartsAt: start, EndsAt: start.Add(40 * time.Minute), Overrun: 10 * time.Minute, StageSize: 3,
		Roster: []lesson.Member{
			{ID: "psn_t", Name: "T", Role: lesson.RoleLead, CampusID: "cmp_l", CampusName: "L"},
			{ID: "rom_a", Name: "A", Role: lesson.RoleClassroom, CampusID: "cmp_a", CampusName: "CA"},
			{ID: "rom_b", Name: "B", Role: lesson.RoleClassroom, CampusID: "cmp_a", CampusName: "CA"},
		},
		CampusIDs: []string{"cmp_l", "cmp_a"},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestDue_IsWhatCanBeEnteredNow(t *testing.T) {
	cancelled := planned("lsn_cancelled", start)
	cancelled.Status = schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_CANCELLED
	table := &timetable{lessons: []*schedulingv1.Lesson{
		planned("lsn_over", start.Add(-50*time.Minute)),
		planned("lsn_overrun", start.Add(-49*time.Minute)),
		planned("lsn_now", start),
		cancelled,
		planned("lsn_waiting", start.Add(15*time.Minute)),
		planned("lsn_later", start.Add(16*time.Minute)),
	}}
	due, err := New(table, Rules{Lead: 15 * time.Minute, Overrun: 10 * time.Minute, StageSize: 3}).Due(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, o := range due {
		ids = append(ids, o.Plan.LessonID)
	}
	if want := []string{"lsn_overrun", "lsn_now", "lsn_waiting"}; !reflect.DeepEqual(ids, want) {
		t.Errorf("due %v, want %v", ids, want)
	}
	if table.asked.GetTo().AsTime().Before(start.Add(15*time.Minute)) || table.asked.GetFrom().AsTime().After(start.Add(-8*time.Hour)) {
		t.Errorf("asked for %v", table.asked)
	}
}

func TestDue_GoesThroughListingsOfManyPages(t *testing.T) {
	for _, n := range []int{0, 1, listed - 1, listed, listed + 1, 3 * listed} {
		table := &timetable{}
		for i := range n {
			table.lessons = append(table.lessons, planned(fmt.Sprintf("lsn_%d", i), start))
		}
		due, err := New(table, Rules{Lead: 15 * time.Minute, Overrun: 10 * time.Minute}).Due(t.Context(), start)
		if err != nil || len(due) != n {
			t.Errorf("%d of %d lessons are due (%v)", len(due), n, err)
		}
	}
}
