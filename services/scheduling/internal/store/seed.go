package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

// Seed is data that is there from the start, such as that of a demonstration. Things have fixed ids; lessons have
// keys, and get fresh ids whenever they are renewed.
type Seed struct {
	Campuses   []directory.Campus
	Classrooms []directory.Classroom
	People     []SeedPerson
	Pairings   []directory.Pairing
	// Lessons have their SeedKey set.
	Lessons []NewLesson
	// LiveLessonIDs are lessons that are going on now, whatever their plan says.
	LiveLessonIDs []string
	// Ended says whether a lesson was held and is over, whatever its plan says; nil: none is.
	Ended func(ctx context.Context, lessonID string) (bool, error)
}

// LeftOut is a lesson that was not planned anew.
type LeftOut struct {
	Key string
	// Live: an earlier lesson of the key goes on. Else the teacher or a classroom is booked otherwise.
	Live bool
}

// SeedPerson is a person with a password.
type SeedPerson struct {
	directory.Person
	PasswordHash directory.PasswordHash
}

// Seed adds or updates campuses, classrooms, people, pairings and lessons, all or nothing, and may be repeated:
//
//   - Campuses, classrooms, people and pairings of a known id take the new names, levels, zones and roles. A password
//     is set for a new person only: who has changed it keeps it.
//   - Seeded lessons whose planned end has passed stay as they are, and so do those that are live. Those that ended
//     early stay in the lists and give up their bookings. Every other seeded lesson is removed, and the given ones
//     are added anew. A lesson is left out while one of its key is live, or when its teacher or a classroom is
//     booked otherwise.
//
// It returns the lessons that were left out.
func (s *Store) Seed(ctx context.Context, seed Seed, now time.Time) (leftOut []LeftOut, err error) {
	err = s.inTx(ctx, "seed", func(ctx context.Context, tx bun.Tx) error {
		if err := seedDirectory(ctx, tx, seed); err != nil {
			return err
		}
		leftOut, err = s.seedLessons(ctx, tx, seed, now)
		return err
	})
	return leftOut, err
}

func seedDirectory(ctx context.Context, tx bun.Tx, seed Seed) error {
	for _, c := range seed.Campuses {
		row := campusRow{ID: c.ID, Name: c.Name, Level: c.Level, TimeZone: c.TimeZone}
		if err := upsert(ctx, tx, &row, "name", "level", "time_zone"); err != nil {
			return fmt.Errorf("campus %s: %w", c.ID, err)
		}
	}
	for _, c := range seed.Classrooms {
		row := classroomRow{ID: c.ID, CampusID: c.CampusID, Name: c.Name}
		if err := upsert(ctx, tx, &row, "campus_id", "name"); err != nil {
			return fmt.Errorf("classroom %s: %w", c.ID, err)
		}
	}
	for _, p := range seed.People {
		row := personRow{ID: p.ID, Login: p.Login, Name: p.Name, CampusID: p.CampusID, PasswordHash: string(p.PasswordHash)}
		if err := upsert(ctx, tx, &row, "login", "name", "campus_id"); err != nil {
			return fmt.Errorf("person %s: %w", p.ID, err)
		}
		if _, err := tx.NewDelete().Model((*roleRow)(nil)).Where("person_id = ?", p.ID).Exec(ctx); err != nil {
			return fmt.Errorf("person %s: %w", p.ID, err)
		}
		if err := insertRoles(ctx, tx, p.Person); err != nil {
			return fmt.Errorf("person %s: %w", p.ID, err)
		}
	}
	for _, p := range seed.Pairings {
		row := pairingRow{ID: p.ID, LeadCampusID: p.LeadCampusID, BranchCampusID: p.BranchCampusID}
		if err := upsert(ctx, tx, &row, "lead_campus_id", "branch_campus_id"); err != nil {
			return fmt.Errorf("pairing %s: %w", p.ID, err)
		}
	}
	return nil
}

// upsert inserts a row, or gives the named columns of the row with its id their new values.
func upsert(ctx context.Context, tx bun.Tx, row any, columns ...string) error {
	q := tx.NewInsert().Model(row).On("CONFLICT (id) DO UPDATE")
	for _, c := range columns {
		q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
	}
	_, err := q.Exec(ctx)
	return err
}

func (s *Store) seedLessons(ctx context.Context, tx bun.Tx, seed Seed, now time.Time) (leftOut []LeftOut, err error) {
	live := map[string]bool{} // by seed key
	if len(seed.LiveLessonIDs) > 0 {
		var keys []string
		err := tx.NewSelect().Model((*lessonRow)(nil)).Column("seed_key").
			Where("seed_key IS NOT NULL").Where("id IN (?)", bun.List(seed.LiveLessonIDs)).Scan(ctx, &keys)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			live[k] = true
		}
	}
	if err := makeRoom(ctx, tx, seed, now); err != nil {
		return nil, err
	}
	for _, n := range seed.Lessons {
		blocked, err := live[n.SeedKey], error(nil)
		if !blocked {
			blocked, err = isBooked(inTheWay(ctx, tx, n))
		}
		if err != nil {
			return nil, err
		}
		if blocked {
			leftOut = append(leftOut, LeftOut{Key: n.SeedKey, Live: live[n.SeedKey]})
			continue
		}
		if err := s.insertLesson(ctx, tx, n); err != nil {
			return nil, fmt.Errorf("lesson %s: %w", n.SeedKey, err)
		}
	}
	return leftOut, nil
}

// makeRoom frees what earlier seeded lessons hold: those that ended early keep their place in the lists only, and those
// that were never held are removed.
func makeRoom(ctx context.Context, tx bun.Tx, seed Seed, now time.Time) error {
	var ids []string
	ahead := tx.NewSelect().Model((*lessonRow)(nil)).Column("id").
		Where("seed_key IS NOT NULL").Where("ends_at > ?", millis(now))
	if len(seed.LiveLessonIDs) > 0 {
		ahead = ahead.Where("id NOT IN (?)", bun.List(seed.LiveLessonIDs))
	}
	if err := ahead.Scan(ctx, &ids); err != nil {
		return err
	}
	for _, id := range ids {
		remove := tx.NewDelete().Model((*lessonRow)(nil)).Where("id = ?", id)
		if seed.Ended != nil {
			ended, err := seed.Ended(ctx, id)
			if err != nil {
				return fmt.Errorf("has %s ended: %w", id, err)
			}
			if ended {
				remove = tx.NewDelete().Model((*bookingRow)(nil)).Where("lesson_id = ?", id)
			}
		}
		if _, err := remove.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// isBooked tells the faults of a double booking from other errors.
func isBooked(err error) (bool, error) {
	switch fault.ReasonOf(err) {
	case fault.TeacherBooked, fault.ClassroomBooked:
		return true, nil
	}
	return false, err
}
