package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

func demo() store.Seed {
	return store.Seed{
		Campuses: []directory.Campus{
			{ID: "cmp_lead", Name: "本部", Level: "primary", TimeZone: "Asia/Shanghai"},
			{ID: "cmp_branch", Name: "分校", Level: "primary", TimeZone: "Asia/Shanghai"},
		},
		Classrooms: []directory.Classroom{{ID: "rom_1", CampusID: "cmp_branch", Name: "一班"}},
		People: []store.SeedPerson{{
			Person: directory.Person{
				ID: "psn_1", Login: "teacher", Name: "教师", CampusID: "cmp_lead", Roles: []directory.Role{directory.RoleTeacher},
			},
			PasswordHash: "first",
		}},
		Pairings: []directory.Pairing{{ID: "lnk_1", LeadCampusID: "cmp_lead", BranchCampusID: "cmp_branch"}},
	}
}

func demoLesson(key string, start time.Time) store.NewLesson {
	return store.NewLesson{
		ID: ids.New(ids.Lesson), Kind: "delivered_class", Title: key, TeacherID: "psn_1", ClassroomIDs: []string{"rom_1"},
		Span:      timetable.Span{Start: start, End: start.Add(fortyFive)},
		CreatedBy: "seed", IdempotencyKey: ids.Secret(), SeedKey: key,
	}
}

func seedAt(t *testing.T, s *store.Store, seed store.Seed, now time.Time) []store.LeftOut {
	t.Helper()
	leftOut, err := s.Seed(t.Context(), seed, now)
	must(t, err)
	return leftOut
}

func seedRepeats(t *testing.T, s *store.Store) {
	seedAt(t, s, demo(), ten)
	renamed := demo()
	renamed.Campuses[0].Name, renamed.Classrooms[0].Name = "总校", "二班"
	renamed.People[0].Roles = []directory.Role{directory.RoleTeacher, directory.RoleObserver}
	seedAt(t, s, renamed, ten)
	campuses, err := s.Campuses(t.Context())
	must(t, err)
	if len(campuses) != 2 || campuses[1].Name != "总校" {
		t.Errorf("campuses %+v", campuses)
	}
	room, err := s.Classroom(t.Context(), "rom_1")
	must(t, err)
	p, err := s.Person(t.Context(), "psn_1")
	must(t, err)
	if room.Name != "二班" || len(p.Roles) != 2 || p.CampusName != "总校" {
		t.Errorf("classroom %+v, person %+v", room, p)
	}
}

func seedKeepsPasswords(t *testing.T, s *store.Store) {
	seedAt(t, s, demo(), ten)
	if _, hash, _ := s.PersonByLogin(t.Context(), "teacher"); hash != "first" {
		t.Fatalf("hash %q", hash)
	}
	must(t, s.SetPassword(t.Context(), "psn_1", "changed", ""))
	seedAt(t, s, demo(), ten)
	if _, hash, _ := s.PersonByLogin(t.Context(), "teacher"); hash != "changed" {
		t.Errorf("hash %q: the seed took a changed password away", hash)
	}
}

func seedRenewsLessons(t *testing.T, s *store.Store) {
	first := demo()
	first.Lessons = []store.NewLesson{
		demoLesson("over", ten.Add(-time.Hour)), demoLesson("now", ten.Add(2*time.Minute)), demoLesson("later", ten.Add(2*time.Hour)),
	}
	if leftOut := seedAt(t, s, first, ten); leftOut != nil {
		t.Fatalf("left out %v", leftOut)
	}
	byHand := demoLesson("by hand", ten.Add(3*time.Hour))
	byHand.SeedKey = ""
	_, err := s.AddLesson(t.Context(), byHand)
	must(t, err)

	// Ten minutes later the program starts again, while the lesson "now" is live.
	now := ten.Add(10 * time.Minute)
	second := demo()
	second.Lessons = []store.NewLesson{
		demoLesson("now", now.Add(2*time.Minute)), demoLesson("later", now.Add(2*time.Hour)), demoLesson("clash", ten.Add(3*time.Hour)),
	}
	second.LiveLessonIDs = []string{first.Lessons[1].ID, "lsn_unknown"}
	leftOut := seedAt(t, s, second, now)
	if !slices.Equal(leftOut, []store.LeftOut{{Key: "now", Live: true}, {Key: "clash"}}) {
		t.Errorf("left out %v", leftOut)
	}
	got := list(t, s, store.Filter{View: timetable.View{All: true}})
	want := []string{first.Lessons[0].ID, first.Lessons[1].ID, second.Lessons[1].ID, byHand.ID}
	if !slices.Equal(got, want) {
		t.Errorf("lessons %v, want %v", got, want)
	}

	// Once more, when it is not live any longer: it is renewed though its planned end is ahead.
	third := demo()
	third.Lessons = []store.NewLesson{demoLesson("now", now.Add(2*time.Minute))}
	if leftOut := seedAt(t, s, third, now); leftOut != nil {
		t.Errorf("left out %v", leftOut)
	}
	_, err = s.Lesson(t.Context(), first.Lessons[1].ID)
	wantReason(t, err, fault.NotFound)

	// Once more, after it was held and ended early: it stays in the lists, and is in nobody's way.
	fourth := demo()
	fourth.Lessons = []store.NewLesson{demoLesson("now", now.Add(3*time.Minute))}
	fourth.Ended = func(_ context.Context, id string) (bool, error) { return id == third.Lessons[0].ID, nil }
	if leftOut := seedAt(t, s, fourth, now); leftOut != nil {
		t.Errorf("left out %v", leftOut)
	}
	for _, id := range []string{third.Lessons[0].ID, fourth.Lessons[0].ID} {
		_, err := s.Lesson(t.Context(), id)
		must(t, err)
	}
}
