package rpc_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	webv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const issuer = "web"

// backend serves three real contracts; each handler is what the test makes of it.
type backend struct {
	schedulingv1.UnimplementedSchedulingServiceServer
	classroomv1.UnimplementedClassroomServiceServer
	webv1.UnimplementedSessionServiceServer

	getLesson  func(context.Context, *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error)
	attend     func(*classroomv1.AttendRequest, grpc.ServerStreamingServer[classroomv1.AttendResponse]) error
	getSession func(context.Context) (*webv1.GetSessionResponse, error)
}

func (b *backend) GetLesson(ctx context.Context, r *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
	if b.getLesson == nil {
		return &schedulingv1.GetLessonResponse{Lesson: &schedulingv1.Lesson{Id: r.GetLessonId()}}, nil
	}
	return b.getLesson(ctx, r)
}

func (b *backend) Attend(r *classroomv1.AttendRequest, s grpc.ServerStreamingServer[classroomv1.AttendResponse]) error {
	return b.attend(r, s)
}

func (b *backend) GetSession(ctx context.Context, _ *webv1.GetSessionRequest) (*webv1.GetSessionResponse, error) {
	if b.getSession == nil {
		return &webv1.GetSessionResponse{}, nil
	}
	return b.getSession(ctx)
}

// world is a server, a signer it trusts, and the pipe between server and clients.
type world struct {
	server  *rpc.Server
	signer  *rpc.Signer
	metrics *prometheus.Registry
	pipe    *rpc.Pipe
	stop    func(context.Context)
}

func newWorld(t *testing.T, b *backend, limits rpc.Limits) *world {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{signer: rpc.NewSigner(issuer, private), metrics: prometheus.NewRegistry(), pipe: rpc.NewPipe()}
	w.server, err = rpc.NewServer(rpc.ServerParams{
		Name:     "test",
		Log:      zaptest.NewLogger(t),
		Metrics:  w.metrics,
		Verifier: rpc.NewVerifier(map[string]ed25519.PublicKey{issuer: public}),
		Limits:   limits,
	})
	if err != nil {
		t.Fatal(err)
	}
	schedulingv1.RegisterSchedulingServiceServer(w.server.Registrar(), b)
	classroomv1.RegisterClassroomServiceServer(w.server.Registrar(), b)
	webv1.RegisterSessionServiceServer(w.server.Registrar(), b)
	served := make(chan error, 1)
	go func() { served <- w.server.Serve(w.pipe.Listener()) }()
	w.stop = func(ctx context.Context) {
		w.server.Stop(ctx)
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		w.stop = func(context.Context) {}
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		w.stop(ctx)
	})
	return w
}

// as returns a connection whose calls carry id.
func (w *world) as(t *testing.T, id rpc.Identity) *grpc.ClientConn {
	t.Helper()
	return w.dial(t, w.signer, id)
}

func (w *world) dial(t *testing.T, s *rpc.Signer, id rpc.Identity) *grpc.ClientConn {
	t.Helper()
	conn, err := rpc.Dial(rpc.ClientParams{
		Dialer:   w.pipe.DialContext,
		Signer:   s,
		Identity: func() rpc.Identity { return id },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (w *world) anonymous(t *testing.T) *grpc.ClientConn {
	t.Helper()
	return w.dial(t, nil, rpc.Identity{})
}

func teacher() rpc.Identity {
	return rpc.Identity{
		Subject: "psn_1", Kind: rpc.KindPerson, Name: "语文教师", CampusID: "cmp_1", CampusName: "北京四中",
		Roles: []commonv1.Role{commonv1.Role_ROLE_TEACHER},
	}
}

func lesson(conn *grpc.ClientConn, ctx context.Context) error {
	_, err := schedulingv1.NewSchedulingServiceClient(conn).GetLesson(ctx, &schedulingv1.GetLessonRequest{LessonId: "lsn_1"})
	return err
}

// plainConn is a gRPC client without our interceptors.
func plainConn(t *testing.T, w *world) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///test",
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithContextDialer(w.pipe.DialContext))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func outgoing(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, rpc.IdentityHeader, token)
}
