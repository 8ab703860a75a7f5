package rpcapi

import (
	"context"
	"time"

	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tongke-edu/tongke/pkg/fault"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

// longestListing bounds the span of one listing.
const longestListing = 62 * 24 * time.Hour

const (
	// listingBytes bounds the lessons of one answer, well below the 4 MiB that a message may have.
	listingBytes = 3 << 20
	// lessonOverhead is what a lesson costs in a list beyond itself: its tag and its length.
	lessonOverhead = 5
)

type schedulingServer struct {
	schedulingv1.UnimplementedSchedulingServiceServer

	store   *store.Store
	log     *zap.Logger
	metrics *metrics
	now     func() time.Time
}

func (s *schedulingServer) CreateLesson(ctx context.Context, r *schedulingv1.CreateLessonRequest) (*schedulingv1.CreateLessonResponse, error) {
	title, err := cleanText("title", r.GetTitle())
	if err != nil {
		return nil, err
	}
	span, err := spanOf(r.GetStartsAt(), r.GetEndsAt(), "ends_at", timetable.MaxLength)
	if err != nil {
		return nil, err
	}
	if span.OverAt(s.now()) {
		return nil, fault.Invalid("ends_at", "future", "a lesson that is not over yet")
	}
	lesson, err := s.store.AddLesson(ctx, store.NewLesson{
		ID: ids.New(ids.Lesson), Kind: KindOf(r.GetKind()), Title: title,
		TeacherID: r.GetTeacherId(), ClassroomIDs: r.GetClassroomIds(), Span: span,
		CreatedBy: rpc.IdentityFrom(ctx).Subject, IdempotencyKey: r.GetIdempotencyKey(),
	})
	s.metrics.planned(err)
	if err != nil {
		return nil, err
	}
	return &schedulingv1.CreateLessonResponse{Lesson: lessonToWire(lesson)}, nil
}

func (s *schedulingServer) CancelLesson(ctx context.Context, r *schedulingv1.CancelLessonRequest) (*schedulingv1.CancelLessonResponse, error) {
	lesson, err := s.store.CancelLesson(ctx, r.GetLessonId(), s.now())
	if err != nil {
		return nil, err
	}
	s.log.Info("lesson cancelled",
		zap.String(telemetry.LessonID, lesson.ID), zap.String("person_id", rpc.IdentityFrom(ctx).Subject))
	return &schedulingv1.CancelLessonResponse{Lesson: lessonToWire(lesson)}, nil
}

func (s *schedulingServer) ListLessons(ctx context.Context, r *schedulingv1.ListLessonsRequest) (*schedulingv1.ListLessonsResponse, error) {
	span, err := spanOf(r.GetFrom(), r.GetTo(), "to", longestListing)
	if err != nil {
		return nil, err
	}
	lessons, err := s.store.Lessons(ctx, store.Filter{
		Span: span, View: viewOf(rpc.IdentityFrom(ctx)), ClassroomID: r.GetClassroomId(), After: r.GetAfterLessonId(),
	})
	if err != nil {
		return nil, err
	}
	listed, more := listing(lessons)
	return &schedulingv1.ListLessonsResponse{Lessons: listed, ServerTime: timestamppb.New(s.now()), More: more}, nil
}

// listing returns as many of the first lessons as fit into one answer, and whether there may be more.
func listing(lessons []timetable.Lesson) (listed []*schedulingv1.Lesson, more bool) {
	room := listingBytes
	for _, l := range lessons {
		wire := lessonToWire(l)
		if room -= proto.Size(wire) + lessonOverhead; room < 0 {
			return listed, true
		}
		listed = append(listed, wire)
	}
	return listed, len(lessons) == store.MaxListed
}

func (s *schedulingServer) GetLesson(ctx context.Context, r *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
	lesson, err := s.store.Lesson(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	if !viewOf(rpc.IdentityFrom(ctx)).Includes(lesson) {
		return nil, fault.New(fault.NotFound, fault.With("lesson_id", r.GetLessonId()))
	}
	return &schedulingv1.GetLessonResponse{Lesson: lessonToWire(lesson), ServerTime: timestamppb.New(s.now())}, nil
}

// viewOf says which lessons the caller may see.
func viewOf(id rpc.Identity) timetable.View {
	v := timetable.Viewer{CampusID: id.CampusID, ClassroomID: id.ClassroomID, Roles: RolesOf(id.Roles)}
	if id.Kind == rpc.KindPerson {
		v.PersonID = id.Subject
	}
	return timetable.ViewOf(v)
}

// spanOf reads a span; endField is the field to blame when it is none.
func spanOf(start, end *timestamppb.Timestamp, endField string, longest time.Duration) (timetable.Span, error) {
	if err := start.CheckValid(); err != nil {
		return timetable.Span{}, fault.Wrap(fault.InvalidArgument, err, fault.Violation("", "timestamp", "valid timestamps"))
	}
	if err := end.CheckValid(); err != nil {
		return timetable.Span{}, fault.Wrap(fault.InvalidArgument, err, fault.Violation(endField, "timestamp", "a valid timestamp"))
	}
	span, err := timetable.NewSpan(start.AsTime(), end.AsTime(), longest)
	if err != nil {
		return timetable.Span{}, fault.Wrap(fault.InvalidArgument, err, fault.Violation(endField, "span", err.Error()))
	}
	return span, nil
}
