package rpc_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

type getLesson = func(context.Context, *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error)

func failing(err error) getLesson {
	return func(context.Context, *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
		return nil, err
	}
}

func TestServer_BrokenLimitNamesFieldAndRule(t *testing.T) {
	w := newWorld(t, &backend{}, rpc.Limits{})
	client := schedulingv1.NewSchedulingServiceClient(w.as(t, teacher()))
	_, err := client.GetLesson(t.Context(), &schedulingv1.GetLessonRequest{LessonId: strings.Repeat("x", 65)})
	f := fault.From(err)
	if f.Reason() != fault.InvalidArgument {
		t.Fatalf("reason %q", f.Reason())
	}
	v := f.Detail().GetViolations()
	if len(v) != 1 || v[0].GetField() != "lesson_id" || v[0].GetRule() != "string.max_len" || v[0].GetDescription() == "" {
		t.Errorf("violations %v", v)
	}
}

func TestServer_BrokenLimitOnAStreamIsRefusedToo(t *testing.T) {
	w := newWorld(t, &backend{attend: func(*classroomv1.AttendRequest, grpc.ServerStreamingServer[classroomv1.AttendResponse]) error {
		t.Error("handler ran")
		return nil
	}}, rpc.Limits{})
	stream, err := classroomv1.NewClassroomServiceClient(w.as(t, teacher())).Attend(t.Context(), &classroomv1.AttendRequest{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	if got := fault.ReasonOf(err); got != fault.InvalidArgument {
		t.Errorf("reason %q", got)
	}
}

func TestServer_PanicBecomesInternalWithoutItsText(t *testing.T) {
	w := newWorld(t, &backend{
		getLesson: func(context.Context, *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
			panic("secret")
		},
		attend: func(*classroomv1.AttendRequest, grpc.ServerStreamingServer[classroomv1.AttendResponse]) error {
			panic("secret")
		},
	}, rpc.Limits{})
	conn := w.as(t, teacher())
	for name, err := range map[string]error{"unary": lesson(conn, t.Context()), "stream": attend(t, conn)} {
		if got := fault.ReasonOf(err); got != fault.Internal {
			t.Errorf("%s: reason %q", name, got)
		}
		if text := status.Convert(err).Proto().String(); strings.Contains(text, "secret") {
			t.Errorf("%s: tells %s", name, text)
		}
	}
}

func TestServer_DriverTextNeverLeavesIt(t *testing.T) {
	for name, cause := range map[string]error{
		"plain error": errors.New("UNIQUE constraint failed: person.login"),
		"fault":       fault.Wrap(fault.Conflict, errors.New("UNIQUE constraint failed")),
	} {
		w := newWorld(t, &backend{getLesson: failing(cause)}, rpc.Limits{})
		err := lesson(w.as(t, teacher()), t.Context())
		if got, want := fault.ReasonOf(err), fault.ReasonOf(cause); got != want {
			t.Errorf("%s: reason %q, want %q", name, got, want)
		}
		if text := status.Convert(err).Proto().String(); strings.Contains(text, "UNIQUE") {
			t.Errorf("%s: tells %s", name, text)
		}
	}
}

func TestServer_TooLargeAMessageIsRefused(t *testing.T) {
	big := &schedulingv1.Lesson{Title: strings.Repeat("x", 4096)}
	w := newWorld(t, &backend{getLesson: func(context.Context, *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
		return &schedulingv1.GetLessonResponse{Lesson: big}, nil
	}}, rpc.Limits{MaxRequestBytes: 1024, MaxResponseBytes: 1024})
	client := schedulingv1.NewSchedulingServiceClient(w.as(t, teacher()))
	_, err := client.CreateLesson(t.Context(), &schedulingv1.CreateLessonRequest{Title: big.GetTitle()})
	if got := fault.ReasonOf(err); got != fault.ResourceExhausted {
		t.Errorf("request: %q", got)
	}
	if got := fault.ReasonOf(lesson(w.as(t, teacher()), t.Context())); got != fault.ResourceExhausted {
		t.Errorf("response: %q", got)
	}
}

func TestServer_UnaryCallWithoutDeadlineGetsOne(t *testing.T) {
	w := newWorld(t, &backend{getLesson: func(ctx context.Context, _ *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}, rpc.Limits{UnaryTimeout: 20 * time.Millisecond})
	// A plain client: Dial would set a deadline of its own.
	conn := plainConn(t, w)
	token := sign(t, w.signer)
	if got := fault.ReasonOf(lesson(conn, outgoing(t.Context(), token))); got != fault.DeadlineExceeded {
		t.Errorf("reason %q", got)
	}
}

func TestClient_ShavesATenthOffTheDeadline(t *testing.T) {
	var left time.Duration
	w := newWorld(t, &backend{
		getLesson: func(ctx context.Context, _ *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
			deadline, _ := ctx.Deadline()
			left = time.Until(deadline)
			return &schedulingv1.GetLessonResponse{}, nil
		},
		attend: func(_ *classroomv1.AttendRequest, s grpc.ServerStreamingServer[classroomv1.AttendResponse]) error {
			deadline, _ := s.Context().Deadline()
			left = time.Until(deadline)
			return s.Send(&classroomv1.AttendResponse{})
		},
	}, rpc.Limits{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
	defer cancel()
	conn := w.as(t, teacher())
	if err := lesson(conn, ctx); err != nil {
		t.Fatal(err)
	}
	if left > 90*time.Second || left < 80*time.Second {
		t.Errorf("unary: %s left of 100 s", left)
	}
	left = 0
	stream, err := classroomv1.NewClassroomServiceClient(conn).Attend(ctx, &classroomv1.AttendRequest{LessonId: "lsn_1", WindowId: "window-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	if left > 90*time.Second || left < 80*time.Second {
		t.Errorf("stream: %s left of 100 s", left)
	}
}

func TestServer_ServesOnlyBetweenReadyAndStop(t *testing.T) {
	release, entered := make(chan struct{}), make(chan struct{})
	w := newWorld(t, &backend{getLesson: func(context.Context, *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
		close(entered)
		<-release
		return &schedulingv1.GetLessonResponse{}, nil
	}}, rpc.Limits{})
	conn := w.as(t, teacher())
	watch, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{Service: "tongke.scheduling.v1.SchedulingService"})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(want healthpb.HealthCheckResponse_ServingStatus) {
		t.Helper()
		got, err := watch.Recv()
		if err != nil || got.GetStatus() != want {
			t.Fatalf("health %v (%v), want %v", got.GetStatus(), err, want)
		}
	}
	check, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || check.GetStatus() != healthpb.HealthCheckResponse_NOT_SERVING {
		t.Fatalf("before ready: %v (%v)", check.GetStatus(), err)
	}
	expect(healthpb.HealthCheckResponse_SERVICE_UNKNOWN)
	w.server.SetServing(true)
	expect(healthpb.HealthCheckResponse_SERVING)

	running := make(chan error, 1)
	go func() { running <- lesson(conn, t.Context()) }()
	<-entered
	stopped := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { defer close(stopped); w.stop(ctx) }()
	expect(healthpb.HealthCheckResponse_NOT_SERVING)
	close(release)
	if err := <-running; err != nil {
		t.Errorf("the call that ran was cut: %v", err)
	}
	cancel() // the health stream is still open: force
	<-stopped
}

func TestServer_StopCutsWhatDoesNotEnd(t *testing.T) {
	entered := make(chan struct{})
	w := newWorld(t, &backend{attend: func(_ *classroomv1.AttendRequest, s grpc.ServerStreamingServer[classroomv1.AttendResponse]) error {
		close(entered)
		<-s.Context().Done()
		return s.Context().Err()
	}}, rpc.Limits{})
	conn := w.as(t, teacher())
	ended := make(chan error, 1)
	go func() { ended <- attend(t, conn) }()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.stop(ctx)
	if got := fault.ReasonOf(<-ended); got != fault.Unavailable && got != fault.Cancelled {
		t.Errorf("reason %q", got)
	}
}

func TestServer_CountsCallsByMethodAndReason(t *testing.T) {
	w := newWorld(t, &backend{getLesson: failing(fault.New(fault.NotFound))}, rpc.Limits{})
	_ = lesson(w.as(t, teacher()), t.Context())
	_ = lesson(w.anonymous(t), t.Context())
	got, err := testutil.GatherAndCount(w.metrics, "tongke_test_request_duration_seconds")
	if err != nil || got != 2 {
		t.Errorf("%d series (%v), want one per reason", got, err)
	}
	if problems, err := testutil.GatherAndLint(w.metrics); err != nil || len(problems) > 0 {
		t.Errorf("names: %v %v", problems, err)
	}
}

func TestNewServer_TwoOfOneNameShareTheirMetrics(t *testing.T) {
	w := newWorld(t, &backend{}, rpc.Limits{})
	if _, err := rpc.NewServer(rpc.ServerParams{Name: "test", Log: zap.NewNop(), Metrics: w.metrics}); err != nil {
		t.Error(err)
	}
}
