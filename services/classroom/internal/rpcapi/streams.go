package rpcapi

import (
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/codec"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/session"
)

// Attend implements the RPC.
func (s *Server) Attend(r *classroomv1.AttendRequest, stream grpc.ServerStreamingServer[classroomv1.AttendResponse]) error {
	ctx := stream.Context()
	opened, member, err := s.open(ctx, r.GetLessonId())
	if err != nil {
		return err
	}
	sink := &attendSink{stream: stream, viewer: codec.ViewerOf(member), now: s.now}
	return s.lessons.Attend(ctx, opened, session.Attendance{
		Member: member, Window: r.GetWindowId(), From: r.GetFromOrdinal(), TakeOver: r.GetTakeOver(),
	}, sink)
}

// attendSink sends to one viewer.
type attendSink struct {
	stream grpc.ServerStreamingServer[classroomv1.AttendResponse]
	viewer codec.Viewer
	now    func() time.Time
}

func (a *attendSink) Snapshot(state *lesson.State) error {
	return a.stream.Send(&classroomv1.AttendResponse{Payload: &classroomv1.AttendResponse_Snapshot{
		Snapshot: &classroomv1.LessonSnapshot{
			State: codec.State(state, a.viewer), SelfId: a.viewer.ID, ServerTime: timestamppb.New(a.now()),
		},
	}})
}

func (a *attendSink) Event(e lesson.Event) error {
	return a.stream.Send(&classroomv1.AttendResponse{Payload: &classroomv1.AttendResponse_Event{
		Event: codec.Event(e, a.viewer),
	}})
}

func (a *attendSink) Heartbeat(now time.Time, last uint64) error {
	return a.stream.Send(&classroomv1.AttendResponse{Payload: &classroomv1.AttendResponse_Heartbeat{
		Heartbeat: &classroomv1.AttendHeartbeat{ServerTime: timestamppb.New(now), LastOrdinal: last},
	}})
}

// WatchHealth implements the RPC.
func (s *Server) WatchHealth(_ *classroomv1.WatchHealthRequest, stream grpc.ServerStreamingServer[classroomv1.WatchHealthResponse]) error {
	for {
		lessons, next := s.health.Board()
		if err := stream.Send(&classroomv1.WatchHealthResponse{
			Lessons: lessons, ServerTime: timestamppb.New(s.now()),
		}); err != nil {
			return err
		}
		select {
		case <-next:
		case <-stream.Context().Done():
			return fault.From(stream.Context().Err())
		case <-s.stopping:
			return fault.New(fault.Unavailable)
		}
	}
}
