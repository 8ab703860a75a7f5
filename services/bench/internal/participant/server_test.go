package participant

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"connectrpc.com/connect"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/bench/internal/publicapi"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// server is the part of a classroom service that a test needs: streams that the test feeds, and handlers of its own.
type server struct {
	t   *testing.T
	mux *http.ServeMux
	api *publicapi.Client
	// streams are the Attend streams as they are opened.
	streams chan *attending
}

// attending is one open Attend stream in the hands of the test.
type attending struct {
	req  *classroomv1.AttendRequest
	send chan *classroomv1.AttendResponse // closed by the test: the stream breaks
}

func newServer(t *testing.T) *server {
	t.Helper()
	testkit.NoLeaks(t)
	s := &server{t: t, mux: http.NewServeMux(), streams: make(chan *attending, 10)}
	s.mux.Handle(classroomv1.ClassroomService_Attend_FullMethodName,
		connect.NewServerStreamHandler(classroomv1.ClassroomService_Attend_FullMethodName, s.attend))
	http := httptest.NewServer(s.mux)
	t.Cleanup(http.Close)
	api, err := publicapi.New(http.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	s.api = api
	return s
}

func (s *server) attend(ctx context.Context, req *connect.Request[classroomv1.AttendRequest], out *connect.ServerStream[classroomv1.AttendResponse]) error {
	a := &attending{req: req.Msg, send: make(chan *classroomv1.AttendResponse)}
	s.streams <- a
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case res, open := <-a.send:
			if !open {
				return connect.NewError(connect.CodeUnavailable, nil)
			}
			if err := out.Send(res); err != nil {
				return err
			}
		}
	}
}

// handle serves one method.
func handle[Req, Res any](s *server, procedure string, f func(*Req) (*Res, error)) {
	s.mux.Handle(procedure, connect.NewUnaryHandler(procedure,
		func(_ context.Context, req *connect.Request[Req]) (*connect.Response[Res], error) {
			res, err := f(req.Msg)
			if err != nil {
				return nil, err
			}
			return connect.NewResponse(res), nil
		}))
}

// enter attends with a participant, whose stream the test then feeds.
func (s *server) enter(id string, ordinal uint64) (*Participant, *attending) {
	s.t.Helper()
	type result struct {
		p   *Participant
		err error
	}
	done := make(chan result, 1)
	go func() {
		ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
		defer cancel()
		p, err := Attend(ctx, s.api, "lsn_1")
		done <- result{p, err}
	}()
	a := testkit.Receive(s.t, s.streams, "the stream")
	a.send <- snapshot(id, ordinal)
	r := testkit.Receive(s.t, done, "the participant")
	if r.err != nil {
		s.t.Fatal(r.err)
	}
	s.t.Cleanup(r.p.Close)
	return r.p, a
}

func snapshot(id string, ordinal uint64) *classroomv1.AttendResponse {
	return &classroomv1.AttendResponse{Payload: &classroomv1.AttendResponse_Snapshot{
		Snapshot: &classroomv1.LessonSnapshot{SelfId: id, State: &classroomv1.LessonState{
			Ordinal: ordinal, Phase: classroomv1.LessonPhase_LESSON_PHASE_LIVE,
		}},
	}}
}

func event(e *classroomv1.LessonEvent) *classroomv1.AttendResponse {
	return &classroomv1.AttendResponse{Payload: &classroomv1.AttendResponse_Event{Event: e}}
}

func hand(ordinal uint64, id string) *classroomv1.AttendResponse {
	return event(&classroomv1.LessonEvent{Ordinal: ordinal, Kind: &classroomv1.LessonEvent_HandRaised{
		HandRaised: &classroomv1.HandRaised{ParticipantId: id},
	}})
}
