package scheduling_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tongke-edu/tongke/pkg/fault"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/scheduling"
)

// plan asks for a lesson of 45 minutes, so long after the world's clock.
func plan(after time.Duration, teacherID string, classroomIDs ...string) *schedulingv1.CreateLessonRequest {
	start := monday.Add(after)
	return &schedulingv1.CreateLessonRequest{
		Kind: schedulingv1.LessonKind_LESSON_KIND_DELIVERED_CLASS, Title: "分数的初步认识",
		TeacherId: teacherID, ClassroomIds: classroomIDs,
		StartsAt: timestamppb.New(start), EndsAt: timestamppb.New(start.Add(45 * time.Minute)), IdempotencyKey: ids.Secret(),
	}
}

func (w *world) create(t *testing.T, r *schedulingv1.CreateLessonRequest) (*schedulingv1.Lesson, error) {
	t.Helper()
	got, err := w.as(t, person("scheduler")).CreateLesson(t.Context(), r)
	return got.GetLesson(), err
}

func (w *world) planned(t *testing.T, r *schedulingv1.CreateLessonRequest) string {
	t.Helper()
	lesson, err := w.create(t, r)
	must(t, err)
	return lesson.GetId()
}

// day lists the lessons of the world's day that somebody sees.
func (w *world) day(t *testing.T, id rpc.Identity, classroomID string) []string {
	t.Helper()
	r, err := w.as(t, id).ListLessons(t.Context(), &schedulingv1.ListLessonsRequest{
		From: timestamppb.New(monday.Add(-9 * time.Hour)), To: timestamppb.New(monday.Add(15 * time.Hour)), ClassroomId: classroomID,
	})
	must(t, err)
	if !r.GetServerTime().AsTime().Equal(w.clock.Now()) {
		t.Errorf("server time %v", r.GetServerTime().AsTime())
	}
	var out []string
	for _, l := range r.GetLessons() {
		out = append(out, l.GetId())
	}
	return out
}

func TestCreateLesson_ReturnsWhatWasPlanned(t *testing.T) {
	w := newWorld(t)
	r := plan(time.Hour, "psn_teacher", "rom_2", "rom_1")
	r.Title = "  分数的初步认识 "
	got, err := w.create(t, r)
	must(t, err)
	if got.GetTitle() != "分数的初步认识" || got.GetKind() != r.GetKind() ||
		got.GetStatus() != schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_PLANNED ||
		!proto.Equal(got.GetStartsAt(), r.GetStartsAt()) || !proto.Equal(got.GetEndsAt(), r.GetEndsAt()) {
		t.Errorf("planned %v", got)
	}
	if who := got.GetTeacher(); who.GetName() != "账号 teacher" || who.GetCampusName() != "本部" || who.GetLogin() != "" {
		t.Errorf("teacher %v", who)
	}
	if rooms := got.GetClassrooms(); len(rooms) != 2 || rooms[0].GetId() != "rom_2" || rooms[1].GetCampusName() != "分校" {
		t.Errorf("classrooms %v", rooms)
	}
}

func TestCreateLesson_NobodyIsBookedTwice(t *testing.T) {
	w := newWorld(t)
	first := plan(time.Hour, "psn_teacher", "rom_1")
	first.Title = "先到的课"
	w.planned(t, first)

	_, err := w.create(t, plan(90*time.Minute, "psn_teacher", "rom_2"))
	wantReason(t, err, fault.TeacherBooked)
	if got := fault.From(err).Metadata("lesson_title"); got != "先到的课" {
		t.Errorf("lesson_title %q", got)
	}
	_, err = w.create(t, plan(90*time.Minute, "psn_teacher2", "rom_2", "rom_1"))
	wantReason(t, err, fault.ClassroomBooked)
	if f := fault.From(err); f.Metadata("classroom_id") != "rom_1" || f.Metadata("lesson_title") != "先到的课" {
		t.Errorf("metadata of %v", f)
	}
	w.planned(t, plan(105*time.Minute, "psn_teacher", "rom_1"))
}

func TestCreateLesson_SameKeyGivesTheSameLesson(t *testing.T) {
	w := newWorld(t)
	r := plan(time.Hour, "psn_teacher", "rom_1")
	id := w.planned(t, r)
	if again := w.planned(t, r); again != id {
		t.Errorf("lessons %s and %s", id, again)
	}
	r = proto.CloneOf(r)
	r.TeacherId, r.ClassroomIds = "psn_teacher2", []string{"rom_2"}
	other, err := w.as(t, person("admin")).CreateLesson(t.Context(), r)
	must(t, err)
	if other.GetLesson().GetId() == id {
		t.Error("a key is shared between callers")
	}
}

func TestCancelLesson_FreesTeacherAndClassroom(t *testing.T) {
	w := newWorld(t)
	id := w.planned(t, plan(time.Hour, "psn_teacher", "rom_1"))
	cancel := func(id string) (*schedulingv1.CancelLessonResponse, error) {
		return w.as(t, person("scheduler")).CancelLesson(t.Context(), &schedulingv1.CancelLessonRequest{LessonId: id})
	}
	for range 2 {
		got, err := cancel(id)
		must(t, err)
		if got.GetLesson().GetStatus() != schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_CANCELLED {
			t.Errorf("status %v", got.GetLesson().GetStatus())
		}
	}
	second := w.planned(t, plan(time.Hour, "psn_teacher", "rom_1"))
	if got := w.day(t, classroom("rom_1"), ""); len(got) != 2 {
		t.Errorf("the classroom sees %v", got)
	}
	_, err := cancel("lsn_x")
	wantReason(t, err, fault.NotFound)
	w.clock.advance(105 * time.Minute)
	_, err = cancel(second)
	wantReason(t, err, fault.LessonEnded)
}

func TestLessons_EachSeesTheOwn(t *testing.T) {
	w := newWorld(t)
	a := w.planned(t, plan(time.Hour, "psn_teacher", "rom_1"))
	b := w.planned(t, plan(2*time.Hour, "psn_teacher2", "rom_2"))
	c := w.planned(t, plan(3*time.Hour, "psn_teacher2", "rom_lead"))
	all := []string{a, b, c}
	for name, who := range map[string]struct {
		id   rpc.Identity
		want []string
	}{
		"teacher":         {person("teacher"), []string{a}},
		"teacher2":        {person("teacher2"), []string{b, c}},
		"assistant":       {person("assistant"), []string{a, b}},
		"observer":        {person("observer"), all},
		"scheduler":       {person("scheduler"), all},
		"operator":        {person("operator"), all},
		"admin":           {person("admin"), all},
		"a classroom":     {classroom("rom_2"), []string{b}},
		"classroom":       {rpc.ServiceIdentity("classroom")(), all},
		"an empty device": {classroom("rom_x"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := w.day(t, who.id, ""); !slices.Equal(got, who.want) {
				t.Errorf("lists %v, want %v", got, who.want)
			}
			for _, id := range all {
				r, err := w.as(t, who.id).GetLesson(t.Context(), &schedulingv1.GetLessonRequest{LessonId: id})
				if slices.Contains(who.want, id) {
					must(t, err)
					if r.GetLesson().GetId() != id || !r.GetServerTime().AsTime().Equal(w.clock.Now()) {
						t.Errorf("got %v", r)
					}
				} else {
					wantReason(t, err, fault.NotFound)
				}
			}
		})
	}
	if got := w.day(t, person("scheduler"), "rom_2"); !slices.Equal(got, []string{b}) {
		t.Errorf("of one classroom: %v", got)
	}
	if got := w.day(t, person("teacher"), "rom_2"); got != nil {
		t.Errorf("a classroom's filter widens the view: %v", got)
	}
}

func TestSeed_RenewsTheDemoLessonAtEachRun(t *testing.T) {
	w := newWorld(t)
	demo := func(live ...string) []string {
		seed := school()
		start := w.clock.Now().Add(2 * time.Minute)
		seed.Lessons = []scheduling.SeedLesson{{
			Key: "soon", Kind: schedulingv1.LessonKind_LESSON_KIND_OPEN_LESSON, Title: "公开课", TeacherID: "psn_teacher",
			ClassroomIDs: []string{"rom_1", "rom_2"}, StartsAt: start, EndsAt: start.Add(40 * time.Minute),
		}}
		seed.LiveLessonIDs = live
		_, err := w.service.Seed(t.Context(), seed)
		must(t, err)
		return w.day(t, person("teacher"), "")
	}
	first := demo()
	w.clock.advance(5 * time.Minute)
	second := demo()
	if len(first) != 1 || len(second) != 1 || first[0] == second[0] {
		t.Fatalf("lessons %v, then %v: want one, with a fresh id", first, second)
	}
	w.clock.advance(5 * time.Minute)
	if third := demo(second...); !slices.Equal(third, second) {
		t.Errorf("lessons %v while %v is live", third, second)
	}
	broken := school()
	broken.Lessons = []scheduling.SeedLesson{{Key: "broken", TeacherID: "psn_teacher"}}
	if _, err := w.service.Seed(t.Context(), broken); err == nil {
		t.Error("a lesson without time was seeded")
	}
}
