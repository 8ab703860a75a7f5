package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

type lessonRow struct {
	bun.BaseModel `bun:"table:lessons,alias:lesson"`

	ID             string `bun:",pk"`
	Kind           string
	Title          string
	TeacherID      string
	StartsAt       int64
	EndsAt         int64
	Status         string
	CreatedBy      string
	IdempotencyKey string
	SeedKey        string `bun:",nullzero"`
}

// participationRow says that a classroom takes part in a lesson, cancelled or not.
type participationRow struct {
	bun.BaseModel `bun:"table:lesson_classrooms,alias:participation"`

	LessonID    string `bun:",pk"`
	ClassroomID string `bun:",pk"`
	Rank        int
	StartsAt    int64
}

// MaxListed is the largest number of lessons that one listing returns.
const MaxListed = 2000

// Filter says which lessons to list.
type Filter struct {
	// Span is half-open; lessons that overlap it are listed.
	Span timetable.Span
	// View is whose lessons.
	View timetable.View
	// ClassroomID, if set, narrows the view to one classroom.
	ClassroomID string
	// After, if set, is the id of a lesson: only those that follow it are listed.
	After string
}

// Lesson fails with NOT_FOUND.
func (s *Store) Lesson(ctx context.Context, id string) (timetable.Lesson, error) {
	var row lessonRow
	err := s.db.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return timetable.Lesson{}, noLesson(id)
	}
	if err != nil {
		return timetable.Lesson{}, describe("load lesson", err)
	}
	lessons, err := assemble(ctx, s.db, []lessonRow{row})
	if err != nil {
		return timetable.Lesson{}, err
	}
	return lessons[0], nil
}

// Lessons lists lessons by start, then id; at most MaxListed.
func (s *Store) Lessons(ctx context.Context, f Filter) ([]timetable.Lesson, error) {
	if f.View.Empty() {
		return nil, nil
	}
	from, to := millis(f.Span.Start), millis(f.Span.End)
	q := s.db.NewSelect().Model((*lessonRow)(nil)).Apply(startsWithin("lesson", from, to)).
		Where("lesson.ends_at > ?", from).
		Order("lesson.starts_at", "lesson.id").
		Limit(MaxListed)
	if !f.View.All {
		q = q.Where("lesson.id IN (?)", visible(s.db, f.View, from, to))
	}
	if f.ClassroomID != "" {
		q = q.Where("lesson.id IN (?)", ofClassroom(s.db, f.ClassroomID, from, to))
	}
	if f.After != "" {
		q = q.Where("(lesson.starts_at, lesson.id) > (SELECT starts_at, id FROM lessons WHERE id = ?)", f.After)
	}
	var rows []lessonRow
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, describe("list lessons", err)
	}
	return assemble(ctx, s.db, rows)
}

// startsWithin keeps what may overlap [from, to): no lesson is longer than MaxLength, which makes it one index range.
func startsWithin(alias string, from, to int64) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?.starts_at < ? AND ?.starts_at > ?",
			bun.Ident(alias), to, bun.Ident(alias), from-timetable.MaxLength.Milliseconds())
	}
}

// visible selects the ids of the lessons in a view that is not All: a union, so that each part uses its own index.
func visible(db bun.IDB, v timetable.View, from, to int64) *bun.SelectQuery {
	var parts []*bun.SelectQuery
	if v.TeacherID != "" {
		parts = append(parts, db.NewSelect().TableExpr("lessons AS l").Column("l.id").
			Where("l.teacher_id = ?", v.TeacherID).Apply(startsWithin("l", from, to)))
	}
	if v.ClassroomID != "" {
		parts = append(parts, ofClassroom(db, v.ClassroomID, from, to))
	}
	if v.CampusID != "" {
		parts = append(parts,
			db.NewSelect().TableExpr("lesson_classrooms AS lc").Column("lc.lesson_id").
				Where("lc.classroom_id IN (SELECT id FROM classrooms WHERE campus_id = ?)", v.CampusID).
				Apply(startsWithin("lc", from, to)),
			db.NewSelect().TableExpr("lessons AS l").Column("l.id").
				Where("l.teacher_id IN (SELECT id FROM people WHERE campus_id = ?)", v.CampusID).
				Apply(startsWithin("l", from, to)))
	}
	all := parts[0]
	for _, p := range parts[1:] {
		all = all.Union(p)
	}
	return all
}

// ofClassroom selects the ids of the lessons that a classroom takes part in.
func ofClassroom(db bun.IDB, classroomID string, from, to int64) *bun.SelectQuery {
	return db.NewSelect().TableExpr("lesson_classrooms AS lc").Column("lc.lesson_id").
		Where("lc.classroom_id = ?", classroomID).Apply(startsWithin("lc", from, to))
}

// CancelLesson frees the lesson's bookings and marks it cancelled; cancelling twice is no error. It fails with
// NOT_FOUND, and with LESSON_ENDED once the planned end has passed.
func (s *Store) CancelLesson(ctx context.Context, id string, now time.Time) (timetable.Lesson, error) {
	err := s.inTx(ctx, "cancel lesson", func(ctx context.Context, tx bun.Tx) error {
		var row lessonRow
		err := s.forUpdate(tx.NewSelect().Model(&row).Where("id = ?", id)).Scan(ctx)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return noLesson(id)
		case err != nil:
			return err
		case row.Status == string(timetable.Cancelled):
			return nil
		case row.EndsAt <= millis(now):
			return fault.New(fault.LessonEnded)
		}
		row.Status = string(timetable.Cancelled)
		if _, err := tx.NewUpdate().Model(&row).Column("status").WherePK().Exec(ctx); err != nil {
			return err
		}
		_, err = tx.NewDelete().Model((*bookingRow)(nil)).Where("lesson_id = ?", id).Exec(ctx)
		return err
	})
	if err != nil {
		return timetable.Lesson{}, err
	}
	return s.Lesson(ctx, id)
}

func noLesson(id string) error { return fault.New(fault.NotFound, fault.With("lesson_id", id)) }
