package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

// bookingRow takes a resource, the id of a person or classroom, for a span of time.
type bookingRow struct {
	bun.BaseModel `bun:"table:bookings,alias:booking"`

	LessonID   string `bun:",pk"`
	ResourceID string `bun:",pk"`
	StartsAt   int64
	EndsAt     int64
}

// NewLesson is a lesson to plan.
type NewLesson struct {
	ID, Title, TeacherID string
	Kind                 timetable.Kind
	ClassroomIDs         []string
	Span                 timetable.Span
	// CreatedBy and IdempotencyKey name the request: the same request makes one lesson.
	CreatedBy, IdempotencyKey string
	// SeedKey is set for demo lessons only.
	SeedKey string
}

// addTries is how often a lesson is tried when what stood in its way has gone in the meantime.
const addTries = 3

// AddLesson books the teacher and the classrooms, all or nothing, and returns the lesson; for a request that was made
// before, the lesson made then. It fails with TEACHER_BOOKED, CLASSROOM_BOOKED, NOT_FOUND, or INVALID_ARGUMENT when
// the person does not teach.
func (s *Store) AddLesson(ctx context.Context, n NewLesson) (timetable.Lesson, error) {
	id := ""
	for range addTries {
		err := s.inTx(ctx, "add lesson", func(ctx context.Context, tx bun.Tx) (err error) {
			if id, err = earlier(ctx, tx, n); id != "" || err != nil {
				return err
			}
			id = n.ID
			return s.insertLesson(ctx, tx, n)
		})
		switch {
		case err == nil:
			return s.Lesson(ctx, id)
		case isOverlap(err):
			if err := inTheWay(ctx, s.db, n); err != nil {
				return timetable.Lesson{}, err
			}
			// It was cancelled just now.
		case isDuplicate(err):
			// The same request came twice at the same time, and the other was faster.
		default:
			return timetable.Lesson{}, err
		}
	}
	return timetable.Lesson{}, fault.New(fault.Unavailable)
}

// earlier returns the id of the lesson that the same request made before, or "".
func earlier(ctx context.Context, tx bun.Tx, n NewLesson) (string, error) {
	var id string
	err := tx.NewSelect().Model((*lessonRow)(nil)).Column("id").
		Where("created_by = ?", n.CreatedBy).Where("idempotency_key = ?", n.IdempotencyKey).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// insertLesson writes a lesson and its bookings.
func (s *Store) insertLesson(ctx context.Context, tx bun.Tx, n NewLesson) error {
	if err := s.lockResources(ctx, tx, n); err != nil {
		return err
	}
	var rows lessonRows
	rows.add(n)
	return rows.insert(ctx, tx)
}

// lessonRows are lessons as they are written.
type lessonRows struct {
	lessons        []lessonRow
	participations []participationRow
	bookings       []bookingRow
}

func (r *lessonRows) add(n NewLesson) {
	starts, ends := millis(n.Span.Start), millis(n.Span.End)
	r.lessons = append(r.lessons, lessonRow{
		ID: n.ID, Kind: string(n.Kind), Title: n.Title, TeacherID: n.TeacherID, StartsAt: starts, EndsAt: ends,
		Status: string(timetable.Planned), CreatedBy: n.CreatedBy, IdempotencyKey: n.IdempotencyKey, SeedKey: n.SeedKey,
	})
	r.bookings = append(r.bookings, bookingRow{LessonID: n.ID, ResourceID: n.TeacherID, StartsAt: starts, EndsAt: ends})
	for i, id := range n.ClassroomIDs {
		r.participations = append(r.participations, participationRow{LessonID: n.ID, ClassroomID: id, Rank: i, StartsAt: starts})
		r.bookings = append(r.bookings, bookingRow{LessonID: n.ID, ResourceID: id, StartsAt: starts, EndsAt: ends})
	}
}

// insert writes the lessons before their bookings: a request that is made twice is found by its key, not by the
// overlap with itself.
func (r *lessonRows) insert(ctx context.Context, tx bun.Tx) error {
	for _, rows := range []any{&r.lessons, &r.participations, &r.bookings} {
		if _, err := tx.NewInsert().Model(rows).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// lockResources checks that teacher and classrooms exist and makes other bookings of them wait, in an order that all
// transactions keep. The constraint alone would be right as well, but two waiting for each other cost PostgreSQL a
// second to notice.
func (s *Store) lockResources(ctx context.Context, tx bun.Tx, n NewLesson) error {
	var teacher personRow
	err := s.forUpdate(tx.NewSelect().Model(&teacher).Column("id").Where("id = ?", n.TeacherID)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, fault.With("teacher_id", n.TeacherID))
	}
	if err != nil {
		return err
	}
	teaches, err := tx.NewSelect().Model((*roleRow)(nil)).
		Where("person_id = ?", n.TeacherID).Where("role = ?", string(directory.RoleTeacher)).Exists(ctx)
	if err != nil {
		return err
	}
	if !teaches {
		return fault.Invalid("teacher_id", "role", "a person with the role of teacher")
	}
	var rooms []string
	err = s.forUpdate(tx.NewSelect().Model((*classroomRow)(nil)).Column("id").
		Where("id IN (?)", bun.List(n.ClassroomIDs)).Order("id")).Scan(ctx, &rooms)
	if err != nil {
		return err
	}
	for _, id := range n.ClassroomIDs {
		if !slices.Contains(rooms, id) {
			return noClassroom(id)
		}
	}
	return nil
}

// inTheWay returns the fault that names what the lesson overlaps; nil when there is nothing. The teacher comes first,
// then the classrooms in the order of the request.
func inTheWay(ctx context.Context, db bun.IDB, n NewLesson) error {
	resources := append([]string{n.TeacherID}, n.ClassroomIDs...)
	from, to := millis(n.Span.Start), millis(n.Span.End)
	var taken []struct{ ResourceID, Title string }
	err := db.NewSelect().TableExpr("bookings AS b").Join("JOIN lessons AS l ON l.id = b.lesson_id").
		ColumnExpr("b.resource_id, l.title").
		Where("b.resource_id IN (?)", bun.List(resources)).Apply(startsWithin("b", from, to)).
		Where("b.ends_at > ?", from).
		OrderExpr("b.starts_at").
		Scan(ctx, &taken)
	if err != nil {
		return describe("find what is booked", err)
	}
	for _, id := range resources {
		for _, b := range taken {
			switch {
			case b.ResourceID != id:
			case id == n.TeacherID:
				return fault.New(fault.TeacherBooked, fault.With("lesson_title", b.Title))
			default:
				return fault.New(fault.ClassroomBooked,
					fault.With("classroom_id", id), fault.With("lesson_title", b.Title))
			}
		}
	}
	return nil
}
