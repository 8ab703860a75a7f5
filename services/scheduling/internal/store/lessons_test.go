package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

const fortyFive = 45 * time.Minute

func lessonComesBack(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	n := w.lesson(ten, fortyFive, w.rooms[2], w.rooms[0])
	got, err := s.AddLesson(t.Context(), n)
	must(t, err)
	want := timetable.Lesson{
		ID: n.ID, Kind: n.Kind, Title: n.Title, Teacher: w.teacher,
		Classrooms: []directory.Classroom{w.rooms[2], w.rooms[0]}, Span: n.Span, Status: timetable.Planned,
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	_, err = s.Lesson(t.Context(), "lsn_x")
	wantReason(t, err, fault.NotFound)
}

func lessonRefusesStrangers(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	for name, c := range map[string]struct {
		change func(*store.NewLesson)
		want   fault.Reason
	}{
		"unknown teacher":   {func(n *store.NewLesson) { n.TeacherID = "psn_x" }, fault.NotFound},
		"no teacher":        {func(n *store.NewLesson) { n.TeacherID = w.assistant.ID }, fault.InvalidArgument},
		"unknown classroom": {func(n *store.NewLesson) { n.ClassroomIDs = append(n.ClassroomIDs, "rom_x") }, fault.NotFound},
	} {
		n := w.lesson(ten, fortyFive, w.rooms[0])
		c.change(&n)
		_, err := s.AddLesson(t.Context(), n)
		if fault.ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	_, err := s.AddLesson(t.Context(), w.lesson(ten, fortyFive, w.rooms[0]))
	must(t, err) // what was refused booked nothing
}

func overlapIsRefused(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	other := addPerson(t, s, "other", w.lead.ID, directory.RoleTeacher)
	first := w.lesson(ten, fortyFive, w.rooms[0])
	first.Title = "先到"
	_, err := s.AddLesson(t.Context(), first)
	must(t, err)

	_, err = s.AddLesson(t.Context(), w.lesson(ten.Add(30*time.Minute), fortyFive, w.rooms[1]))
	wantReason(t, err, fault.TeacherBooked)
	if got := fault.From(err).Metadata("lesson_title"); got != "先到" {
		t.Errorf("lesson_title %q", got)
	}
	n := w.lesson(ten.Add(-30*time.Minute), 8*time.Hour, w.rooms[1], w.rooms[0])
	n.TeacherID = other.ID
	_, err = s.AddLesson(t.Context(), n)
	wantReason(t, err, fault.ClassroomBooked)
	if f := fault.From(err); f.Metadata("classroom_id") != w.rooms[0].ID || f.Metadata("lesson_title") != "先到" {
		t.Errorf("metadata of %v", f)
	}
	for _, start := range []time.Time{ten.Add(-fortyFive), ten.Add(fortyFive)} {
		_, err = s.AddLesson(t.Context(), w.lesson(start, fortyFive, w.rooms[0]))
		must(t, err)
	}
}

func databaseRefusesDoubleBooking(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	a, err := s.AddLesson(t.Context(), w.lesson(ten, fortyFive, w.rooms[0]))
	must(t, err)
	b, err := s.AddLesson(t.Context(), w.lesson(ten.Add(time.Hour), fortyFive, w.rooms[0]))
	must(t, err)
	// Past every check in the code: straight into the table.
	exec := func(query string, args ...any) error {
		_, err := s.DB().ExecContext(t.Context(), query, args...)
		return err
	}
	from, to := ten.Add(30*time.Minute).UnixMilli(), ten.Add(50*time.Minute).UnixMilli()
	insert := "INSERT INTO bookings (lesson_id, resource_id, starts_at, ends_at) VALUES (?, ?, ?, ?)"
	if err := exec(insert, b.ID, w.rooms[1].ID, from, to); err != nil {
		t.Errorf("a free classroom: %v", err)
	}
	if err := exec(insert, b.ID, w.rooms[2].ID, from, to); err != nil {
		t.Errorf("a free classroom: %v", err)
	}
	if err := exec("UPDATE bookings SET lesson_id = ?, resource_id = ? WHERE resource_id = ?",
		a.ID, w.rooms[2].ID, w.rooms[1].ID); !store.IsOverlap(err) {
		t.Errorf("moved into a taken classroom: %v", err)
	}
	if err := exec("DELETE FROM bookings WHERE resource_id IN (?, ?)", w.rooms[1].ID, w.rooms[2].ID); err != nil {
		t.Fatal(err)
	}
	if err := exec("UPDATE bookings SET starts_at = ? WHERE lesson_id = ?", from, b.ID); !store.IsOverlap(err) {
		t.Errorf("moved into a taken time: %v", err)
	}
	if err := exec("DELETE FROM bookings WHERE lesson_id = ?", b.ID); err != nil {
		t.Fatal(err)
	}
	if err := exec(insert, b.ID, w.rooms[0].ID, from, to); !store.IsOverlap(err) {
		t.Errorf("a taken classroom: %v", err)
	}
	if err := exec(insert, b.ID, w.rooms[1].ID, from, from+8*3600*1000+1); err == nil {
		t.Error("a booking of more than 8 h escapes the bounded search")
	}
	if err := exec("UPDATE bookings SET ends_at = ? WHERE lesson_id = ?", to, a.ID); err != nil {
		t.Errorf("a booking is in its own way: %v", err)
	}
}

func requestIsIdempotent(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	n := w.lesson(ten, fortyFive, w.rooms[0])
	first, err := s.AddLesson(t.Context(), n)
	must(t, err)
	again := w.lesson(ten.Add(time.Hour), fortyFive, w.rooms[1])
	again.IdempotencyKey = n.IdempotencyKey
	second, err := s.AddLesson(t.Context(), again)
	must(t, err)
	if second.ID != first.ID || !second.Span.Start.Equal(ten) {
		t.Errorf("got lesson %s at %v, want %s", second.ID, second.Span.Start, first.ID)
	}
	again.CreatedBy = "psn_other"
	third, err := s.AddLesson(t.Context(), again)
	must(t, err)
	if third.ID == first.ID {
		t.Error("somebody else's key gave somebody's lesson")
	}
}

func cancelFrees(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	n := w.lesson(ten, fortyFive, w.rooms[0])
	_, err := s.AddLesson(t.Context(), n)
	must(t, err)
	for range 2 {
		got, err := s.CancelLesson(t.Context(), n.ID, ten)
		must(t, err)
		if got.Status != timetable.Cancelled || len(got.Classrooms) != 1 {
			t.Fatalf("cancelled lesson %+v", got)
		}
	}
	_, err = s.AddLesson(t.Context(), w.lesson(ten, fortyFive, w.rooms[0]))
	must(t, err)
	if got := list(t, s, store.Filter{View: timetable.View{ClassroomID: w.rooms[0].ID}}); len(got) != 2 {
		t.Errorf("%d lessons listed, want the cancelled and the new one", len(got))
	}
	_, err = s.CancelLesson(t.Context(), "lsn_x", ten)
	wantReason(t, err, fault.NotFound)
}

func cancelAfterEnd(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	n := w.lesson(ten, fortyFive, w.rooms[0])
	_, err := s.AddLesson(t.Context(), n)
	must(t, err)
	_, err = s.CancelLesson(t.Context(), n.ID, ten.Add(fortyFive))
	wantReason(t, err, fault.LessonEnded)
	_, err = s.CancelLesson(t.Context(), n.ID, ten.Add(fortyFive-time.Millisecond))
	must(t, err)
}

// list returns the ids of the lessons of a day, or of the filter's own span.
func list(t *testing.T, s *store.Store, f store.Filter) []string {
	t.Helper()
	if f.Span == (timetable.Span{}) {
		f.Span = timetable.Span{Start: ten.Add(-10 * time.Hour), End: ten.Add(14 * time.Hour)}
	}
	lessons, err := s.Lessons(t.Context(), f)
	must(t, err)
	var out []string
	for _, l := range lessons {
		out = append(out, l.ID)
	}
	return out
}

func listingFilters(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	other := addPerson(t, s, "other", w.branch.ID, directory.RoleTeacher)
	leadRoom, err := s.AddClassroom(t.Context(), directory.Classroom{ID: "rom_lead", CampusID: w.lead.ID, Name: "x"})
	must(t, err)
	add := func(teacher directory.Person, start time.Time, rooms ...directory.Classroom) string {
		n := w.lesson(start, fortyFive, rooms...)
		n.TeacherID = teacher.ID
		l, err := s.AddLesson(t.Context(), n)
		must(t, err)
		return l.ID
	}
	toBranch := add(w.teacher, ten, w.rooms[0], w.rooms[1])
	fromBranch := add(other, ten, leadRoom)
	inside := add(w.teacher, ten.Add(time.Hour), leadRoom)
	nextDay := add(w.teacher, ten.Add(24*time.Hour), w.rooms[0])

	day := timetable.Span{Start: ten.Add(-10 * time.Hour), End: ten.Add(14 * time.Hour)}
	all := timetable.View{All: true}
	for name, c := range map[string]struct {
		filter store.Filter
		want   []string
	}{
		"all of the day":             {store.Filter{Span: day, View: all}, []string{toBranch, fromBranch, inside}},
		"nobody":                     {store.Filter{Span: day}, nil},
		"a teacher":                  {store.Filter{Span: day, View: timetable.View{TeacherID: other.ID}}, []string{fromBranch}},
		"a classroom":                {store.Filter{Span: day, View: timetable.View{ClassroomID: w.rooms[1].ID}}, []string{toBranch}},
		"the branch":                 {store.Filter{Span: day, View: timetable.View{CampusID: w.branch.ID}}, []string{toBranch, fromBranch}},
		"the lead":                   {store.Filter{Span: day, View: timetable.View{CampusID: w.lead.ID}}, []string{toBranch, fromBranch, inside}},
		"a teacher who assists":      {store.Filter{Span: day, View: timetable.View{TeacherID: w.teacher.ID, CampusID: w.branch.ID}}, []string{toBranch, fromBranch, inside}},
		"one classroom of all":       {store.Filter{Span: day, View: all, ClassroomID: leadRoom.ID}, []string{fromBranch, inside}},
		"a classroom not in view":    {store.Filter{Span: day, View: timetable.View{TeacherID: other.ID}, ClassroomID: w.rooms[0].ID}, nil},
		"a span that begins inside":  {store.Filter{Span: timetable.Span{Start: ten.Add(44 * time.Minute), End: ten.Add(time.Hour)}, View: all}, []string{toBranch, fromBranch}},
		"a span that begins at ends": {store.Filter{Span: timetable.Span{Start: ten.Add(fortyFive), End: ten.Add(time.Hour)}, View: all}, nil},
		"the next day":               {store.Filter{Span: timetable.Span{Start: ten.Add(14 * time.Hour), End: ten.Add(38 * time.Hour)}, View: all}, []string{nextDay}},
	} {
		got := list(t, s, c.filter)
		slices.Sort(got)
		if slices.Sort(c.want); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if got := list(t, s, store.Filter{Span: day, View: all}); got[2] != inside {
		t.Errorf("not in the order of their starts: %v", got)
	}
}

func listingIsCapped(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	lessons := make([]store.NewLesson, store.MaxListed+1)
	for i := range lessons {
		lessons[i] = w.lesson(ten.Add(time.Duration(i)*fortyFive), fortyFive, w.rooms[0])
	}
	for chunk := range slices.Chunk(lessons, 100) {
		must(t, s.Insert(t.Context(), chunk))
	}
	got := list(t, s, store.Filter{View: timetable.View{All: true}, Span: timetable.Span{Start: ten, End: ten.AddDate(0, 3, 0)}})
	if len(got) != store.MaxListed || got[0] != lessons[0].ID {
		t.Errorf("%d lessons listed", len(got))
	}
	rest := list(t, s, store.Filter{
		View: timetable.View{All: true}, Span: timetable.Span{Start: ten, End: ten.AddDate(0, 3, 0)}, After: got[len(got)-1],
	})
	if len(rest) != 1 || rest[0] != lessons[store.MaxListed].ID {
		t.Errorf("%d lessons listed after the last one", len(rest))
	}
}

func listingGoesOnAfterALesson(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	// All at one time, so that the id decides.
	want := make([]string, 5)
	for i := range want {
		l := w.lesson(ten, fortyFive, w.rooms[0])
		l.TeacherID = addPerson(t, s, fmt.Sprintf("teacher%d", i), w.lead.ID, directory.RoleTeacher).ID
		room, err := s.AddClassroom(t.Context(), directory.Classroom{ID: ids.New(ids.Classroom), CampusID: w.lead.ID, Name: fmt.Sprint(i)})
		must(t, err)
		l.ClassroomIDs = []string{room.ID}
		must(t, s.Insert(t.Context(), []store.NewLesson{l}))
		want[i] = l.ID
	}
	slices.Sort(want)
	filter := store.Filter{View: timetable.View{All: true}, Span: timetable.Span{Start: ten, End: ten.Add(fortyFive)}}
	for i := range want {
		filter.After = want[i]
		if got := list(t, s, filter); !slices.Equal(got, want[i+1:]) {
			t.Errorf("after lesson %d: %v, want %v", i, got, want[i+1:])
		}
	}
}
