package timetable_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

var ten = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func span(t *testing.T, start, end time.Time) timetable.Span {
	t.Helper()
	s, err := timetable.NewSpan(start, end, timetable.MaxLength)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSpan_RefusesWhatIsNoLesson(t *testing.T) {
	for name, c := range map[string]struct {
		end  time.Time
		want error
	}{
		"no length":                 {ten, timetable.ErrSpanEmpty},
		"backwards":                 {ten.Add(-time.Minute), timetable.ErrSpanEmpty},
		"less than a millisecond":   {ten.Add(900 * time.Microsecond), timetable.ErrSpanEmpty},
		"one millisecond":           {ten.Add(time.Millisecond), nil},
		"eight hours":               {ten.Add(8 * time.Hour), nil},
		"eight hours and a blink":   {ten.Add(8*time.Hour + time.Millisecond), timetable.ErrSpanTooLong},
		"the end of representation": {time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), timetable.ErrSpanTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := timetable.NewSpan(ten, c.end, timetable.MaxLength); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestSpan_BackToBackDoesNotOverlap(t *testing.T) {
	lesson := span(t, ten, ten.Add(45*time.Minute))
	for name, c := range map[string]struct {
		from, to time.Duration
		want     bool
	}{
		"before":     {-45 * time.Minute, 0, false},
		"after":      {45 * time.Minute, 90 * time.Minute, false},
		"into start": {-45 * time.Minute, time.Millisecond, true},
		"into end":   {45*time.Minute - time.Millisecond, 90 * time.Minute, true},
		"inside":     {10 * time.Minute, 20 * time.Minute, true},
		"around":     {-time.Hour, 2 * time.Hour, true},
		"the same":   {0, 45 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			other := span(t, ten.Add(c.from), ten.Add(c.to))
			if lesson.Overlaps(other) != c.want || other.Overlaps(lesson) != c.want {
				t.Errorf("want %v both ways", c.want)
			}
		})
	}
}

func TestView_ShowsEachRoleItsOwnLessons(t *testing.T) {
	lesson := timetable.Lesson{
		Teacher:    directory.Person{ID: "psn_teacher", CampusID: "cmp_lead"},
		Classrooms: []directory.Classroom{{ID: "rom_1", CampusID: "cmp_branch"}, {ID: "rom_2", CampusID: "cmp_other"}},
	}
	person := func(id, campus string, roles ...directory.Role) timetable.Viewer {
		return timetable.Viewer{PersonID: id, CampusID: campus, Roles: roles}
	}
	for name, c := range map[string]struct {
		viewer timetable.Viewer
		want   bool
	}{
		"its teacher":                        {person("psn_teacher", "cmp_lead", directory.RoleTeacher), true},
		"another teacher of the campus":      {person("psn_x", "cmp_lead", directory.RoleTeacher), false},
		"an assistant of the branch":         {person("psn_x", "cmp_branch", directory.RoleAssistant), true},
		"an observer of the lead campus":     {person("psn_x", "cmp_lead", directory.RoleObserver), true},
		"an assistant of a strange campus":   {person("psn_x", "cmp_strange", directory.RoleAssistant), false},
		"an observer without campus":         {person("psn_x", "", directory.RoleObserver), false},
		"a teacher who also assists":         {person("psn_x", "cmp_other", directory.RoleTeacher, directory.RoleAssistant), true},
		"a scheduler without campus":         {person("psn_x", "", directory.RoleScheduler), true},
		"an operator":                        {person("psn_x", "", directory.RoleOperator), true},
		"an administrator":                   {person("psn_x", "", directory.RoleAdministrator), true},
		"a service":                          {timetable.Viewer{Roles: []directory.Role{directory.RoleService}}, true},
		"a classroom that takes part":        {timetable.Viewer{ClassroomID: "rom_2", Roles: []directory.Role{directory.RoleClassroom}}, true},
		"a classroom next door":              {timetable.Viewer{ClassroomID: "rom_3", CampusID: "cmp_branch", Roles: []directory.Role{directory.RoleClassroom}}, false},
		"a classroom role without classroom": {timetable.Viewer{Roles: []directory.Role{directory.RoleClassroom}}, false},
		"nobody":                             {timetable.Viewer{PersonID: "psn_teacher", CampusID: "cmp_lead"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := timetable.ViewOf(c.viewer).Includes(lesson); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestView_CampuslessTeacherIsNotTheCampusOfCampuslessObservers(t *testing.T) {
	lesson := timetable.Lesson{Teacher: directory.Person{ID: "psn_guest"}}
	v := timetable.ViewOf(timetable.Viewer{PersonID: "psn_x", Roles: []directory.Role{directory.RoleObserver}})
	if v.Includes(lesson) || !v.Empty() {
		t.Error("an empty campus must match nothing")
	}
}
