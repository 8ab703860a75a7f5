package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

// classroomRow is a classroom as it is written.
type classroomRow struct {
	bun.BaseModel `bun:"table:classrooms,alias:classroom"`

	ID       string `bun:",pk"`
	CampusID string
	Name     string
}

// classroomView is a classroom as it is read: with its campus and its device.
type classroomView struct {
	ID         string
	CampusID   string
	Name       string
	CampusName string
	TimeZone   string
	PairedAt   int64
	SeenAt     int64
}

func (v classroomView) classroom() directory.Classroom {
	return directory.Classroom{
		ID: v.ID, Name: v.Name, CampusID: v.CampusID, CampusName: v.CampusName, TimeZone: v.TimeZone,
		DevicePairedAt: fromMillis(v.PairedAt), DeviceSeenAt: fromMillis(v.SeenAt),
	}
}

// selectClassrooms begins a query for classroomViews.
func selectClassrooms(db bun.IDB) *bun.SelectQuery {
	return db.NewSelect().
		TableExpr("classrooms AS classroom").
		Join("JOIN campuses AS campus ON campus.id = classroom.campus_id").
		Join("LEFT JOIN devices AS device ON device.classroom_id = classroom.id").
		ColumnExpr("classroom.id, classroom.campus_id, classroom.name").
		ColumnExpr("campus.name AS campus_name, campus.time_zone AS time_zone").
		ColumnExpr("COALESCE(device.paired_at, 0) AS paired_at, COALESCE(device.seen_at, 0) AS seen_at")
}

// Classrooms returns the classrooms of a campus ("": all), in the order of their ids.
func (s *Store) Classrooms(ctx context.Context, campusID string) ([]directory.Classroom, error) {
	q := selectClassrooms(s.db).OrderExpr("classroom.id")
	if campusID != "" {
		q = q.Where("classroom.campus_id = ?", campusID)
	}
	var views []classroomView
	if err := q.Scan(ctx, &views); err != nil {
		return nil, describe("list classrooms", err)
	}
	out := make([]directory.Classroom, len(views))
	for i, v := range views {
		out[i] = v.classroom()
	}
	return out, nil
}

// Classroom fails with NOT_FOUND.
func (s *Store) Classroom(ctx context.Context, id string) (directory.Classroom, error) {
	rooms, err := classroomsByID(ctx, s.db, []string{id})
	if err != nil {
		return directory.Classroom{}, err
	}
	room, ok := rooms[id]
	if !ok {
		return directory.Classroom{}, noClassroom(id)
	}
	return room, nil
}

// AddClassroom fails with ALREADY_EXISTS when the campus has a classroom of that name, with NOT_FOUND when there is no
// such campus.
func (s *Store) AddClassroom(ctx context.Context, c directory.Classroom) (directory.Classroom, error) {
	row := classroomRow{ID: c.ID, CampusID: c.CampusID, Name: c.Name}
	err := s.inTx(ctx, "add classroom", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		switch {
		case isDuplicate(err):
			return fault.Wrap(fault.AlreadyExists, err, fault.With("name", c.Name))
		case isMissingReference(err):
			return noCampus(c.CampusID)
		}
		return err
	})
	if err != nil {
		return directory.Classroom{}, err
	}
	return s.Classroom(ctx, c.ID)
}

// classroomsByID returns those of the classrooms that exist.
func classroomsByID(ctx context.Context, db bun.IDB, ids []string) (map[string]directory.Classroom, error) {
	out := make(map[string]directory.Classroom, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var views []classroomView
	if err := selectClassrooms(db).Where("classroom.id IN (?)", bun.List(ids)).Scan(ctx, &views); err != nil {
		return nil, describe("load classrooms", err)
	}
	for _, v := range views {
		out[v.ID] = v.classroom()
	}
	return out, nil
}

func noCampus(id string) error { return fault.New(fault.NotFound, fault.With("campus_id", id)) }

func noClassroom(id string) error { return fault.New(fault.NotFound, fault.With("classroom_id", id)) }
