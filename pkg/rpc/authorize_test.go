package rpc_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"reflect"
	"testing"
	"time"

	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	webv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

func TestRules_EveryTongkeMethodHasARule(t *testing.T) {
	all := rpc.Rules()
	if len(all) < 20 {
		t.Fatalf("only %d methods found", len(all))
	}
	for _, m := range all {
		switch {
		case m.Rule == nil:
			t.Errorf("%s declares no rule", m.FullMethod)
		case m.Rule.GetPublic() == (len(m.Rule.GetRoles()) > 0):
			t.Errorf("%s must be either public or for some roles", m.FullMethod)
		}
	}
}

func TestServer_DeniesMethodWithoutRule(t *testing.T) {
	w := newWorld(t, &backend{}, rpc.Limits{})
	conn := w.as(t, rpc.ServiceIdentity("classroom")())
	_, err := healthpb.NewHealthClient(conn).List(t.Context(), &healthpb.HealthListRequest{})
	if got := fault.ReasonOf(err); got != fault.PermissionDenied {
		t.Errorf("reason %q", got)
	}
}

func TestServer_AsksTheRoleOfTheMethod(t *testing.T) {
	w := newWorld(t, &backend{}, rpc.Limits{})
	parent := teacher()
	parent.Roles = nil
	if err := lesson(w.as(t, teacher()), t.Context()); err != nil {
		t.Errorf("teacher: %v", err)
	}
	if got := fault.ReasonOf(lesson(w.as(t, parent), t.Context())); got != fault.PermissionDenied {
		t.Errorf("person without role: %q", got)
	}
	if got := fault.ReasonOf(lesson(w.anonymous(t), t.Context())); got != fault.Unauthenticated {
		t.Errorf("anonymous: %q", got)
	}
}

func TestServer_PublicMethodNeedsNoIdentity(t *testing.T) {
	var seen rpc.Identity
	w := newWorld(t, &backend{getSession: func(ctx context.Context) (*webv1.GetSessionResponse, error) {
		seen = rpc.IdentityFrom(ctx)
		return &webv1.GetSessionResponse{}, nil
	}}, rpc.Limits{})
	if _, err := webv1.NewSessionServiceClient(w.anonymous(t)).GetSession(t.Context(), &webv1.GetSessionRequest{}); err != nil {
		t.Fatal(err)
	}
	if !seen.Anonymous() || seen.Kind != rpc.KindAnonymous {
		t.Errorf("handler saw %+v", seen)
	}
}

func TestServer_HandlerSeesTheWholeIdentity(t *testing.T) {
	var seen rpc.Identity
	w := newWorld(t, &backend{getLesson: func(ctx context.Context, _ *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
		seen = rpc.IdentityFrom(ctx)
		return &schedulingv1.GetLessonResponse{}, nil
	}}, rpc.Limits{})
	want := rpc.Identity{
		Subject: "rom_1", Kind: rpc.KindDevice, Name: "一年级一班", CampusID: "cmp_2", CampusName: "雄安校区",
		ClassroomID: "rom_1", CredentialID: "crd_1", Roles: []commonv1.Role{commonv1.Role_ROLE_CLASSROOM},
	}
	if err := lesson(w.as(t, want), t.Context()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("saw  %+v\nwant %+v", seen, want)
	}
}

func TestServer_RefusesIdentityThatDoesNotVerify(t *testing.T) {
	w := newWorld(t, &backend{}, rpc.Limits{})
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	valid, err := w.signer.Sign(teacher())
	if err != nil {
		t.Fatal(err)
	}
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{
		"iss": issuer, "sub": "psn_1", "rol": []int{1}, "exp": time.Now().Add(time.Minute).Unix(),
	}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	for name, tokens := range map[string][]string{
		"forged":         {sign(t, rpc.NewSigner(issuer, stranger))},
		"unknown issuer": {sign(t, rpc.NewSigner("mallory", stranger))},
		"unsigned":       {none},
		"altered":        {valid[:len(valid)-4] + "AAAA"},
		"expired":        {sign(t, w.signer.At(func() time.Time { return time.Now().Add(-2 * time.Minute) }))},
		"from tomorrow":  {sign(t, w.signer.At(func() time.Time { return time.Now().Add(24 * time.Hour) }))},
		"garbage":        {"not a token"},
		"twice":          {valid, valid},
	} {
		ctx := t.Context()
		for _, token := range tokens {
			ctx = metadata.AppendToOutgoingContext(ctx, rpc.IdentityHeader, token)
		}
		conn := w.anonymous(t)
		if got := fault.ReasonOf(lesson(conn, ctx)); got != fault.Unauthenticated {
			t.Errorf("%s: %q", name, got)
		}
		_, err := webv1.NewSessionServiceClient(conn).GetSession(ctx, &webv1.GetSessionRequest{})
		if got := fault.ReasonOf(err); got != fault.Unauthenticated {
			t.Errorf("%s on a public method: %q", name, got)
		}
	}
}

func TestServer_StreamsAreAuthorisedToo(t *testing.T) {
	var seen rpc.Identity
	w := newWorld(t, &backend{attend: func(_ *classroomv1.AttendRequest, s grpc.ServerStreamingServer[classroomv1.AttendResponse]) error {
		seen = rpc.IdentityFrom(s.Context())
		return s.Send(&classroomv1.AttendResponse{})
	}}, rpc.Limits{})
	scheduler := teacher()
	scheduler.Roles = []commonv1.Role{commonv1.Role_ROLE_SCHEDULER}
	if got := fault.ReasonOf(attend(t, w.as(t, scheduler))); got != fault.PermissionDenied {
		t.Errorf("scheduler: %q", got)
	}
	if got := fault.ReasonOf(attend(t, w.anonymous(t))); got != fault.Unauthenticated {
		t.Errorf("anonymous: %q", got)
	}
	if err := attend(t, w.as(t, teacher())); err != nil {
		t.Errorf("teacher: %v", err)
	}
	if seen.Subject != "psn_1" {
		t.Errorf("handler saw %+v", seen)
	}
}

func TestClient_ReplacesAForwardedIdentityByItsOwn(t *testing.T) {
	var seen rpc.Identity
	w := newWorld(t, &backend{getLesson: func(ctx context.Context, _ *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
		seen = rpc.IdentityFrom(ctx)
		return &schedulingv1.GetLessonResponse{}, nil
	}}, rpc.Limits{})
	ctx := metadata.AppendToOutgoingContext(t.Context(), rpc.IdentityHeader, sign(t, w.signer))
	if err := lesson(w.as(t, rpc.ServiceIdentity("classroom")()), ctx); err != nil {
		t.Fatal(err)
	}
	if seen.Subject != "classroom" || seen.Kind != rpc.KindService {
		t.Errorf("handler saw %+v", seen)
	}
}

func sign(t *testing.T, s *rpc.Signer) string {
	t.Helper()
	token, err := s.Sign(teacher())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// attend reads one message of a lesson's stream.
func attend(t *testing.T, conn *grpc.ClientConn) error {
	t.Helper()
	stream, err := classroomv1.NewClassroomServiceClient(conn).Attend(t.Context(),
		&classroomv1.AttendRequest{LessonId: "lsn_1", WindowId: "window-1"})
	if err != nil {
		return err
	}
	_, err = stream.Recv()
	return err
}
