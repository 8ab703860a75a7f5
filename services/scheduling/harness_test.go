package scheduling_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"
	"google.golang.org/grpc"

	"github.com/tongke-edu/tongke/pkg/fault"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/scheduling"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// password is that of every account of the world.
const password = "korrekt-pferd"

var passwordHash = sync.OnceValue(func() string {
	hash, err := scheduling.HashPassword(password)
	if err != nil {
		panic(err)
	}
	return hash
})

// monday is when the world's clock starts.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is the service behind a real server with real identities, over two campuses: a teacher at the lead campus, an
// assistant and two classrooms at the branch.
type world struct {
	service *scheduling.Service
	clock   *clock
	config  scheduling.Config
	signer  *rpc.Signer
	pipe    *rpc.Pipe
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := scheduling.DefaultConfig()
	c.Database.DSN = filepath.Join(t.TempDir(), "data", "tongke.db")
	w := serve(t, c, &clock{now: monday})
	_, err := w.service.Seed(t.Context(), school())
	must(t, err)
	return w
}

// serve runs the service until the test ends.
func serve(t *testing.T, c scheduling.Config, clock *clock) *world {
	t.Helper()
	w := &world{clock: clock, config: c, pipe: rpc.NewPipe()}
	log, metrics := zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel)), prometheus.NewRegistry()
	var err error
	w.service, err = scheduling.New(scheduling.Params{Config: c, Log: log, Metrics: metrics, Now: clock.Now})
	must(t, err)
	t.Cleanup(func() {
		if err := w.service.Close(); err != nil {
			t.Error(err)
		}
	})
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	w.signer = rpc.NewSigner("test", private)
	server, err := rpc.NewServer(rpc.ServerParams{
		Name: "scheduling", Log: log, Metrics: metrics,
		Verifier: rpc.NewVerifier(map[string]ed25519.PublicKey{"test": public}),
	})
	must(t, err)
	w.service.Register(server.Registrar())
	served := make(chan error, 1)
	go func() { served <- server.Serve(w.pipe.Listener()) }()
	t.Cleanup(func() {
		server.Stop(t.Context()) // the test's context has ended: running calls are cut
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return w
}

func school() scheduling.Seed {
	person := func(login, campus string, role commonv1.Role) scheduling.SeedPerson {
		return scheduling.SeedPerson{
			ID: "psn_" + login, Login: login, Name: "账号 " + login, CampusID: campus,
			Roles: []commonv1.Role{role}, PasswordHash: passwordHash(),
		}
	}
	return scheduling.Seed{
		Campuses: []scheduling.SeedCampus{
			{ID: "cmp_lead", Name: "本部", Level: directoryv1.SchoolLevel_SCHOOL_LEVEL_PRIMARY, TimeZone: "Asia/Shanghai"},
			{ID: "cmp_branch", Name: "分校", Level: directoryv1.SchoolLevel_SCHOOL_LEVEL_PRIMARY, TimeZone: "Asia/Shanghai"},
		},
		Classrooms: []scheduling.SeedClassroom{
			{ID: "rom_lead", CampusID: "cmp_lead", Name: "本部一班"},
			{ID: "rom_1", CampusID: "cmp_branch", Name: "一班"},
			{ID: "rom_2", CampusID: "cmp_branch", Name: "二班"},
		},
		People: []scheduling.SeedPerson{
			person("teacher", "cmp_lead", commonv1.Role_ROLE_TEACHER),
			person("teacher2", "cmp_lead", commonv1.Role_ROLE_TEACHER),
			person("assistant", "cmp_branch", commonv1.Role_ROLE_ASSISTANT),
			person("observer", "cmp_lead", commonv1.Role_ROLE_OBSERVER),
			person("scheduler", "cmp_lead", commonv1.Role_ROLE_SCHEDULER),
			person("operator", "", commonv1.Role_ROLE_OPERATOR),
			person("admin", "", commonv1.Role_ROLE_ADMINISTRATOR),
		},
		Pairings: []scheduling.SeedPairing{{ID: "lnk_1", LeadCampusID: "cmp_lead", BranchCampusID: "cmp_branch"}},
	}
}

// caller is both services, called as somebody.
type caller struct {
	directoryv1.DirectoryServiceClient
	schedulingv1.SchedulingServiceClient
	conn *grpc.ClientConn
}

func (w *world) as(t *testing.T, id rpc.Identity) caller {
	t.Helper()
	conn, err := rpc.Dial(rpc.ClientParams{
		Dialer: w.pipe.DialContext, Signer: w.signer, Identity: func() rpc.Identity { return id },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return caller{directoryv1.NewDirectoryServiceClient(conn), schedulingv1.NewSchedulingServiceClient(conn), conn}
}

// person is the identity of an account of the world.
func person(login string) rpc.Identity {
	for _, p := range school().People {
		if p.Login == login {
			return rpc.Identity{Subject: p.ID, Kind: rpc.KindPerson, Roles: p.Roles, Name: p.Name, CampusID: p.CampusID}
		}
	}
	panic("no account " + login)
}

func classroom(id string) rpc.Identity {
	return rpc.Identity{
		Subject: id, Kind: rpc.KindDevice, Roles: []commonv1.Role{commonv1.Role_ROLE_CLASSROOM},
		CampusID: "cmp_branch", ClassroomID: id,
	}
}

func web() rpc.Identity { return rpc.ServiceIdentity("web")() }

func (w *world) signIn(t *testing.T, login, password string) (*directoryv1.AuthenticateResponse, error) {
	t.Helper()
	return w.signInFrom(t, "203.0.113.7", login, password)
}

func (w *world) signInFrom(t *testing.T, address, login, password string) (*directoryv1.AuthenticateResponse, error) {
	t.Helper()
	return w.as(t, web()).Authenticate(t.Context(), &directoryv1.AuthenticateRequest{
		Login: login, Password: password, ClientAddress: address,
	})
}

func (w *world) resolve(t *testing.T, credential string) (*directoryv1.Principal, error) {
	t.Helper()
	r, err := w.as(t, web()).ResolveCredential(t.Context(), &directoryv1.ResolveCredentialRequest{Credential: credential})
	return r.GetPrincipal(), err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantReason(t *testing.T, err error, want fault.Reason) {
	t.Helper()
	if got := fault.ReasonOf(err); got != want {
		t.Fatalf("reason %q, want %q (%v)", got, want, err)
	}
}
