package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/pkg/testkit/pgtest"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

// A term of a school is 20 weeks of 30 lessons. A city of 400 schools has 240,000 lessons; PostgreSQL, whose exclusion
// constraint takes a minute for that, gets a tenth.
const (
	sqliteSchools   = 400
	postgresSchools = 40
	benchWeeks      = 20
	benchDaily      = 6
)

// BenchmarkStore measures what people wait for, in a database that holds a city's term.
func BenchmarkStore(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		benchmarkEngine(b, open(b, store.SQLite, filepath.Join(b.TempDir(), "tongke.db")), sqliteSchools)
	})
	b.Run("postgres", func(b *testing.B) {
		benchmarkEngine(b, open(b, store.Postgres, pgtest.Start(b).Database(b)), postgresSchools)
	})
}

func benchmarkEngine(b *testing.B, s *store.Store, schools int) {
	fillTerm(b, s, schools)
	week := func(i int) timetable.Span {
		start := ten.AddDate(0, 0, 7*(i%benchWeeks)).Add(-10 * time.Hour)
		return timetable.Span{Start: start, End: start.AddDate(0, 0, 7)}
	}
	view := func(name string, of func(school int) timetable.View) {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				lessons, err := s.Lessons(b.Context(), store.Filter{Span: week(i), View: of(i % schools)})
				if err != nil || len(lessons) != 5*benchDaily {
					b.Fatalf("%d lessons, %v", len(lessons), err)
				}
			}
		})
	}
	view("week of a classroom", func(i int) timetable.View { return timetable.View{ClassroomID: termID("rom", i)} })
	view("week of a teacher", func(i int) timetable.View { return timetable.View{TeacherID: termID("psn", i)} })
	view("week of a campus", func(i int) timetable.View { return timetable.View{CampusID: termID("cmp", i)} })
	b.Run("conflict", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			start := ten.AddDate(0, 0, 7*(i%benchWeeks)).Add(10 * time.Minute)
			_, err := s.AddLesson(b.Context(), termLesson(i%schools, start))
			if fault.ReasonOf(err) != fault.TeacherBooked {
				b.Fatal(err)
			}
		}
	})
	b.Run("plan and cancel", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			n := termLesson(i%schools, ten.AddDate(0, 0, 7*(i%benchWeeks)).Add(10*time.Hour))
			if _, err := s.AddLesson(b.Context(), n); err != nil {
				b.Fatal(err)
			}
			if _, err := s.CancelLesson(b.Context(), n.ID, ten); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func termID(prefix string, school int) string { return fmt.Sprintf("%s_%04d", prefix, school) }

func termLesson(school int, start time.Time) store.NewLesson {
	return store.NewLesson{
		ID: ids.New(ids.Lesson), Kind: "delivered_class", Title: "数学", TeacherID: termID("psn", school),
		ClassroomIDs: []string{termID("rom", school)}, Span: timetable.Span{Start: start, End: start.Add(fortyFive)},
		CreatedBy: "bench", IdempotencyKey: ids.Secret(),
	}
}

// fillTerm writes the term in bulk, past the checks that a scheduler's single lesson goes through.
func fillTerm(b *testing.B, s *store.Store, schools int) {
	b.Helper()
	var seed store.Seed
	for i := range schools {
		seed.Campuses = append(seed.Campuses, directory.Campus{ID: termID("cmp", i), Name: termID("cmp", i), Level: "primary", TimeZone: "Asia/Shanghai"})
		seed.Classrooms = append(seed.Classrooms, directory.Classroom{ID: termID("rom", i), CampusID: termID("cmp", i), Name: "一班"})
		seed.People = append(seed.People, store.SeedPerson{Person: directory.Person{
			ID: termID("psn", i), Login: termID("psn", i), Name: "教师", CampusID: termID("cmp", i),
			Roles: []directory.Role{directory.RoleTeacher},
		}})
	}
	if _, err := s.Seed(b.Context(), seed, ten); err != nil {
		b.Fatal(err)
	}
	for school := range schools {
		var lessons []store.NewLesson
		for day := range benchWeeks * 7 {
			if day%7 >= 5 {
				continue
			}
			for period := range benchDaily {
				lessons = append(lessons, termLesson(school, ten.AddDate(0, 0, day).Add(time.Duration(period)*time.Hour)))
			}
		}
		if err := s.Insert(b.Context(), lessons); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := s.DB().ExecContext(b.Context(), "ANALYZE"); err != nil {
		b.Fatal(err)
	}
}
