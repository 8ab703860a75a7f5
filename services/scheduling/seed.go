package scheduling

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/rpcapi"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

// Seed is data that is there from the start, such as that of a demonstration.
type Seed struct {
	Campuses   []SeedCampus
	Classrooms []SeedClassroom
	People     []SeedPerson
	Pairings   []SeedPairing
	Lessons    []SeedLesson
	// LiveLessonIDs are the lessons that go on now (their log has no end yet): a seed never takes them away.
	LiveLessonIDs []string
	// Ended says whether a lesson was held and is over (its log has an end); nil: none is.
	Ended func(ctx context.Context, lessonID string) (bool, error)
}

// LeftOut is a seeded lesson that was not planned anew: an earlier one of its key is live, or its teacher or a
// classroom is booked otherwise.
type LeftOut = store.LeftOut

// SeedCampus is a campus with a fixed id.
type SeedCampus struct {
	ID, Name string
	Level    directoryv1.SchoolLevel
	// TimeZone is an IANA name.
	TimeZone string
}

// SeedClassroom is a classroom with a fixed id.
type SeedClassroom struct{ ID, CampusID, Name string }

// SeedPerson is an account with a fixed id.
type SeedPerson struct {
	ID, Login, Name, CampusID string
	Roles                     []commonv1.Role
	// PasswordHash comes from HashPassword.
	PasswordHash string
}

// SeedPairing links two campuses.
type SeedPairing struct{ ID, LeadCampusID, BranchCampusID string }

// SeedLesson is a lesson that each run plans anew.
type SeedLesson struct {
	// Key names the lesson from run to run; its id is fresh each time, because a lesson's log cannot begin again.
	Key              string
	Kind             schedulingv1.LessonKind
	Title, TeacherID string
	ClassroomIDs     []string
	StartsAt, EndsAt time.Time
}

// seeder is who plans seeded lessons.
const seeder = "seed"

// Seed adds or updates what is given, all or nothing. It may be repeated with the same or other data:
//
//   - Campuses, classrooms, people and pairings of a known id take the new names, levels, zones and roles. A password
//     is set for a new person only: who has changed it keeps it.
//   - Seeded lessons whose planned end has passed stay as they are, and so do those that are live. Those that ended
//     early stay in the lists and give up their bookings. Every other seeded lesson is removed, and the given ones
//     are planned anew with fresh ids. A lesson is left out while one of its key is live, or when its teacher or a
//     classroom is booked otherwise.
//
// Nothing that people made is touched. It returns the lessons that were left out.
func (s *Service) Seed(ctx context.Context, seed Seed) ([]LeftOut, error) {
	data := store.Seed{LiveLessonIDs: seed.LiveLessonIDs, Ended: seed.Ended}
	for _, c := range seed.Campuses {
		data.Campuses = append(data.Campuses, directory.Campus{
			ID: c.ID, Name: c.Name, Level: rpcapi.LevelOf(c.Level), TimeZone: c.TimeZone,
		})
	}
	for _, c := range seed.Classrooms {
		data.Classrooms = append(data.Classrooms, directory.Classroom{ID: c.ID, CampusID: c.CampusID, Name: c.Name})
	}
	for _, p := range seed.People {
		data.People = append(data.People, store.SeedPerson{
			Person: directory.Person{
				ID: p.ID, Login: directory.NormaliseLogin(p.Login), Name: p.Name, CampusID: p.CampusID,
				Roles: rpcapi.RolesOf(p.Roles),
			},
			PasswordHash: directory.PasswordHash(p.PasswordHash),
		})
	}
	for _, p := range seed.Pairings {
		data.Pairings = append(data.Pairings, directory.Pairing(p))
	}
	for _, l := range seed.Lessons {
		n, err := l.plan()
		if err != nil {
			return nil, fmt.Errorf("seed lesson %s: %w", l.Key, err)
		}
		data.Lessons = append(data.Lessons, n)
	}
	leftOut, err := s.store.Seed(ctx, data, s.now())
	if err != nil {
		return nil, fmt.Errorf("scheduling: %w", err)
	}
	for _, l := range leftOut {
		s.log.Info("a seeded lesson was left out", zap.String("key", l.Key), zap.Bool("live", l.Live))
	}
	return leftOut, nil
}

func (l SeedLesson) plan() (store.NewLesson, error) {
	span, err := timetable.NewSpan(l.StartsAt, l.EndsAt, timetable.MaxLength)
	if err != nil {
		return store.NewLesson{}, err
	}
	id := ids.New(ids.Lesson)
	return store.NewLesson{
		ID: id, Kind: rpcapi.KindOf(l.Kind), Title: l.Title, TeacherID: l.TeacherID, ClassroomIDs: l.ClassroomIDs,
		Span: span, CreatedBy: seeder, IdempotencyKey: id, SeedKey: l.Key,
	}, nil
}
