package store

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

// assemble turns lesson rows into lessons with their teachers and classrooms. The number of statements does not grow
// with the number of lessons, but for chunks of long lists.
func assemble(ctx context.Context, db bun.IDB, rows []lessonRow) ([]timetable.Lesson, error) {
	teacherIDs := map[string]struct{}{}
	roomIDs := map[string]struct{}{}
	participations := make(map[string][]string, len(rows)) // lesson id -> classroom ids by rank
	for chunk := range slices.Chunk(rows, chunkSize) {
		lessonIDs := make([]string, len(chunk))
		for i, r := range chunk {
			lessonIDs[i] = r.ID
			teacherIDs[r.TeacherID] = struct{}{}
		}
		var taking []participationRow
		err := db.NewSelect().Model(&taking).
			Where("lesson_id IN (?)", bun.List(lessonIDs)).Order("rank").Scan(ctx)
		if err != nil {
			return nil, describe("load classrooms of lessons", err)
		}
		for _, p := range taking {
			participations[p.LessonID] = append(participations[p.LessonID], p.ClassroomID)
			roomIDs[p.ClassroomID] = struct{}{}
		}
	}
	teachers, err := inChunks(ctx, db, teacherIDs, peopleByID)
	if err != nil {
		return nil, err
	}
	rooms, err := inChunks(ctx, db, roomIDs, classroomsByID)
	if err != nil {
		return nil, err
	}
	out := make([]timetable.Lesson, len(rows))
	for i, r := range rows {
		out[i] = timetable.Lesson{
			ID: r.ID, Kind: timetable.Kind(r.Kind), Title: r.Title,
			Teacher: teachers[r.TeacherID],
			Span:    timetable.Span{Start: fromMillis(r.StartsAt), End: fromMillis(r.EndsAt)},
			Status:  timetable.Status(r.Status),
		}
		ids := participations[r.ID]
		out[i].Classrooms = make([]directory.Classroom, len(ids))
		for j, id := range ids {
			out[i].Classrooms[j] = rooms[id]
		}
	}
	return out, nil
}

// inChunks loads things by id, a bounded number per statement.
func inChunks[T any](
	ctx context.Context, db bun.IDB, ids map[string]struct{},
	load func(context.Context, bun.IDB, []string) (map[string]T, error),
) (map[string]T, error) {
	out := make(map[string]T, len(ids))
	for chunk := range slices.Chunk(slices.Collect(maps.Keys(ids)), chunkSize) {
		loaded, err := load(ctx, db, chunk)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, loaded)
	}
	return out, nil
}
