package publicapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	webv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestCall_KeepsCookiesAndNamesItsOrigin(t *testing.T) {
	mux := http.NewServeMux()
	var server *httptest.Server
	mux.Handle(webv1.SessionService_SignIn_FullMethodName, connect.NewUnaryHandler(
		webv1.SessionService_SignIn_FullMethodName,
		func(_ context.Context, req *connect.Request[webv1.SignInRequest]) (*connect.Response[webv1.SignInResponse], error) {
			res := connect.NewResponse(&webv1.SignInResponse{})
			res.Header().Set("Set-Cookie", "tongke_session=secret; Path=/; HttpOnly; SameSite=Strict")
			if got := req.Header().Get("Origin"); got != server.URL {
				t.Errorf("origin %q", got)
			}
			return res, nil
		}))
	mux.Handle(webv1.SessionService_GetSession_FullMethodName, connect.NewUnaryHandler(
		webv1.SessionService_GetSession_FullMethodName,
		func(_ context.Context, req *connect.Request[webv1.GetSessionRequest]) (*connect.Response[webv1.GetSessionResponse], error) {
			return connect.NewResponse(&webv1.GetSessionResponse{Version: req.Header().Get("Cookie")}), nil
		}))
	server, c := serve(t, mux)
	if _, err := Call[webv1.SignInRequest, webv1.SignInResponse](t.Context(), c,
		webv1.SessionService_SignIn_FullMethodName, &webv1.SignInRequest{}); err != nil {
		t.Fatal(err)
	}
	res, err := Call[webv1.GetSessionRequest, webv1.GetSessionResponse](t.Context(), c,
		webv1.SessionService_GetSession_FullMethodName, &webv1.GetSessionRequest{})
	if err != nil || res.GetVersion() != "tongke_session=secret" {
		t.Fatalf("the cookie came back as %q (%v)", res.GetVersion(), err)
	}
}

func TestCall_PassesReasonsAndFactsOn(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle(webv1.SessionService_SignIn_FullMethodName, connect.NewUnaryHandler(
		webv1.SessionService_SignIn_FullMethodName,
		func(context.Context, *connect.Request[webv1.SignInRequest]) (*connect.Response[webv1.SignInResponse], error) {
			err := connect.NewError(connect.CodePermissionDenied, errors.New("locked"))
			detail, detailErr := connect.NewErrorDetail(&commonv1.Fault{
				Reason: commonv1.Reason_REASON_ACCOUNT_LOCKED, RetryAfter: durationpb.New(time.Minute),
			})
			if detailErr != nil {
				return nil, detailErr
			}
			err.AddDetail(detail)
			return nil, err
		}))
	_, c := serve(t, mux)
	_, err := Call[webv1.SignInRequest, webv1.SignInResponse](t.Context(), c,
		webv1.SessionService_SignIn_FullMethodName, &webv1.SignInRequest{})
	if f := fault.From(err); f.Reason() != fault.AccountLocked || f.RetryAfter() != time.Minute {
		t.Fatalf("received %v", err)
	}
}

func TestStream_EndsWhenItsReaderHasEnough(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle(classroomv1.ClassroomService_Attend_FullMethodName, connect.NewServerStreamHandler(
		classroomv1.ClassroomService_Attend_FullMethodName,
		func(ctx context.Context, _ *connect.Request[classroomv1.AttendRequest], s *connect.ServerStream[classroomv1.AttendResponse]) error {
			if err := s.Send(&classroomv1.AttendResponse{}); err != nil {
				return err
			}
			<-ctx.Done() // an endless stream
			return ctx.Err()
		}))
	_, c := serve(t, mux)
	enough := errors.New("enough")
	err := Stream(t.Context(), c, classroomv1.ClassroomService_Attend_FullMethodName, &classroomv1.AttendRequest{},
		func(*classroomv1.AttendResponse) error { return enough })
	if !errors.Is(err, enough) {
		t.Fatalf("ended with %v", err)
	}
}

func TestCall_TellsABrokenConnectionFromTheCallersOwnEnd(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc(webv1.SessionService_SignIn_FullMethodName, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil { // a reset, as of a killed process
			t.Error(err)
		}
		_ = conn.Close()
	})
	_, c := serve(t, mux)
	call := func(ctx context.Context) error {
		_, err := Call[webv1.SignInRequest, webv1.SignInResponse](ctx, c,
			webv1.SessionService_SignIn_FullMethodName, &webv1.SignInRequest{})
		return err
	}
	if err := call(t.Context()); fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("a reset connection is %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := call(over); fault.ReasonOf(err) != fault.Cancelled {
		t.Errorf("a cancelled call is %v", err)
	}
}

func TestNew_RefusesWhatIsNoAddress(t *testing.T) {
	for _, base := range []string{"", "127.0.0.1:8080", "ftp://x", "http://"} {
		if _, err := New(base); err == nil {
			t.Errorf("%q is accepted", base)
		}
	}
}

func serve(t *testing.T, h http.Handler) (*httptest.Server, *Client) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return server, c
}
