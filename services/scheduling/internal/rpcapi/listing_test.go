package rpcapi

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

// lessonsOf returns as many lessons as a listing has, with the given number of classrooms and names of a length.
func lessonsOf(classrooms, nameLength int) []timetable.Lesson {
	name := strings.Repeat("课", nameLength)
	id := strings.Repeat("i", 30)
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	l := timetable.Lesson{
		ID: id, Title: name, Kind: timetable.Kind("DELIVERED_CLASS"), Span: timetable.Span{Start: now, End: now.Add(time.Hour)},
		Teacher: directory.Person{ID: id, Name: name, CampusID: id, CampusName: name},
	}
	for range classrooms {
		l.Classrooms = append(l.Classrooms, directory.Classroom{
			ID: id, Name: name, CampusID: id, CampusName: name, DevicePairedAt: now, DeviceSeenAt: now,
		})
	}
	out := make([]timetable.Lesson, store.MaxListed)
	for i := range out {
		out[i] = l
	}
	return out
}

func TestListing_NeverExceedsAMessageAndSaysWhenThereIsMore(t *testing.T) {
	for name, row := range map[string]struct {
		lessons  []timetable.Lesson
		complete bool
		more     bool
	}{
		"the longest names and all classrooms": {lessonsOf(9, 80), false, true},
		"as many as a listing has":             {lessonsOf(2, 8), true, true},
		"an ordinary week":                     {lessonsOf(2, 8)[:200], true, false},
		"none":                                 {nil, true, false},
	} {
		listed, more := listing(row.lessons)
		size := proto.Size(&schedulingv1.ListLessonsResponse{Lessons: listed, ServerTime: timestamppb.Now(), More: more})
		if size > 3<<20+64 || more != row.more || (len(listed) == len(row.lessons)) != row.complete {
			t.Errorf("%s: %d of %d lessons in %d bytes, more: %v", name, len(listed), len(row.lessons), size, more)
		}
	}
}
