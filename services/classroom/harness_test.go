package classroom_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/classroom"
)

func TestMain(m *testing.M) { testkit.Main(m) }

const (
	theLesson = "lsn_1"
	teacher   = "psn_lead"
	roomA     = "rom_a"
	roomB     = "rom_b"
	assistant = "psn_assistant"
	observer  = "psn_observer"
	operator  = "psn_operator"
	stranger  = "psn_stranger"
)

func identityOf(id string) rpc.Identity {
	person := func(campus string, roles ...commonv1.Role) rpc.Identity {
		return rpc.Identity{Subject: id, Kind: rpc.KindPerson, Name: id, CampusID: campus, CampusName: campus, Roles: roles}
	}
	switch id {
	case teacher:
		return person("cmp_l", commonv1.Role_ROLE_TEACHER)
	case roomA, roomB:
		return rpc.Identity{Subject: id, Kind: rpc.KindDevice, ClassroomID: id, Roles: []commonv1.Role{commonv1.Role_ROLE_CLASSROOM}}
	case assistant:
		return person("cmp_a", commonv1.Role_ROLE_ASSISTANT)
	case observer:
		return person("cmp_l", commonv1.Role_ROLE_OBSERVER)
	case operator:
		return person("cmp_l", commonv1.Role_ROLE_OPERATOR)
	default:
		return person("cmp_x", commonv1.Role_ROLE_TEACHER, commonv1.Role_ROLE_ASSISTANT, commonv1.Role_ROLE_OBSERVER)
	}
}

// planned is a lesson of the teacher and both rooms.
func planned(id string, starts time.Time) *schedulingv1.Lesson {
	return &schedulingv1.Lesson{
		Id: id, Kind: schedulingv1.LessonKind_LESSON_KIND_DELIVERED_CLASS, Title: "数学",
		Teacher: &directoryv1.Person{Id: teacher, Name: "Lead", CampusId: "cmp_l", CampusName: "L"},
		Classrooms: []*directoryv1.Classroom{
			{Id: roomA, Name: "A", CampusId: "cmp_a", CampusName: "Campus A"},
			{Id: roomB, Name: "B", CampusId: "cmp_b", CampusName: "Campus B"},
		},
		StartsAt: timestamppb.New(starts), EndsAt: timestamppb.New(starts.Add(40 * time.Minute)),
		Status: schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_PLANNED,
	}
}

// world is the service behind a real server with real identities, between a scheduling and a relay that hold state.
type world struct {
	t          testing.TB
	scheduling *fakeScheduling
	relay      *fakeRelay
	metrics    *prometheus.Registry
	signer     *rpc.Signer
	verifier   *rpc.Verifier
	pipe       *rpc.Pipe
	stop       func() // stops the service alone

	mu      sync.Mutex
	clients map[string]classroomv1.ClassroomServiceClient
}

// newWorld has a lesson that begins in ten minutes.
func newWorld(t testing.TB, logs eventlog.Log, change ...func(*classroom.Config)) *world {
	t.Helper()
	return newWorldAt(t, logs, time.Now().Add(10*time.Minute), change...)
}

func newWorldAt(t testing.TB, logs eventlog.Log, starts time.Time, change ...func(*classroom.Config)) *world {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	w := &world{
		t:          t,
		scheduling: &fakeScheduling{lessons: map[string]*schedulingv1.Lesson{}},
		relay:      newFakeRelay(),
		metrics:    prometheus.NewRegistry(),
		signer:     rpc.NewSigner("test", private),
		verifier:   rpc.NewVerifier(map[string]ed25519.PublicKey{"test": public}),
		clients:    map[string]classroomv1.ClassroomServiceClient{},
	}
	w.scheduling.put(planned(theLesson, starts))
	schedulingPipe := w.serve("scheduling", func(r grpc.ServiceRegistrar) {
		schedulingv1.RegisterSchedulingServiceServer(r, w.scheduling)
	})
	relayPipe := w.serve("relay", func(r grpc.ServiceRegistrar) { relayv1.RegisterRelayServiceServer(r, w.relay) })
	self := rpc.ServiceIdentity("classroom")
	config := classroom.DefaultConfig()
	for _, c := range change {
		c(&config)
	}
	service, err := classroom.New(classroom.Params{
		Config: config, Log: zap.NewNop(), Metrics: w.metrics, Logs: logs, InstanceID: "classroom-1",
		Scheduling: schedulingv1.NewSchedulingServiceClient(w.dial(schedulingPipe, self)),
		Relay:      relayv1.NewRelayServiceClient(w.dial(relayPipe, self)),
	})
	must(t, err)
	w.pipe = w.serve("classroom", service.Register)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(w.stop)
	testkit.Eventually(t, func() bool {
		_, err := w.as(operator).GetLessonPhases(t.Context(), &classroomv1.GetLessonPhasesRequest{})
		return err == nil
	}, "the service answers")
	return w
}

// serve runs a server until the test ends.
func (w *world) serve(name string, register func(grpc.ServiceRegistrar)) *rpc.Pipe {
	server, err := rpc.NewServer(rpc.ServerParams{
		Name: name, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Verifier: w.verifier,
	})
	must(w.t, err)
	register(server.Registrar())
	pipe := rpc.NewPipe()
	served := make(chan error, 1)
	go func() { served <- server.Serve(pipe.Listener()) }()
	w.t.Cleanup(func() {
		server.Stop(w.t.Context()) // the test's context has ended: running calls are cut
		if err := <-served; err != nil {
			w.t.Error(err)
		}
	})
	return pipe
}

func (w *world) dial(pipe *rpc.Pipe, identity func() rpc.Identity) *grpc.ClientConn {
	conn, err := rpc.Dial(rpc.ClientParams{Dialer: pipe.DialContext, Identity: identity, Signer: w.signer})
	must(w.t, err)
	w.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// as is a client with somebody's identity.
func (w *world) as(id string) classroomv1.ClassroomServiceClient {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.clients[id] == nil {
		conn := w.dial(w.pipe, func() rpc.Identity { return identityOf(id) })
		w.clients[id] = classroomv1.NewClassroomServiceClient(conn)
	}
	return w.clients[id]
}

// page is an attending window.
type page struct {
	t      testing.TB
	cancel context.CancelFunc
	ended  chan error

	mu       sync.Mutex
	snapshot *classroomv1.LessonSnapshot
	events   []*classroomv1.LessonEvent
}

func (w *world) attend(id string) *page {
	w.t.Helper()
	p := w.open(id, &classroomv1.AttendRequest{LessonId: theLesson, WindowId: window(id), TakeOver: true})
	testkit.Eventually(w.t, func() bool { return p.self() != nil || len(p.ended) > 0 }, id+" has a snapshot")
	return p
}

func (w *world) open(id string, r *classroomv1.AttendRequest) *page {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := w.as(id).Attend(ctx, r)
	must(w.t, err)
	p := &page{t: w.t, cancel: cancel, ended: make(chan error, 1)}
	go func() {
		for {
			m, err := stream.Recv()
			if err != nil {
				p.ended <- err
				return
			}
			p.mu.Lock()
			if m.GetSnapshot() != nil {
				p.snapshot = m.GetSnapshot()
			}
			if m.GetEvent() != nil {
				p.events = append(p.events, m.GetEvent())
			}
			p.mu.Unlock()
		}
	}()
	w.t.Cleanup(cancel)
	return p
}

func (p *page) self() *classroomv1.LessonSnapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snapshot
}

// saw waits for an event.
func (p *page) saw(what string, match func(*classroomv1.LessonEvent) bool) *classroomv1.LessonEvent {
	p.t.Helper()
	var found *classroomv1.LessonEvent
	testkit.Eventually(p.t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if i := slices.IndexFunc(p.events, match); i >= 0 {
			found = p.events[i]
		}
		return found != nil
	}, what)
	return found
}

func window(id string) string { return "window-of-" + id }

var keys struct {
	sync.Mutex
	n int
}

// key is a fresh idempotency key.
func key() string {
	keys.Lock()
	defer keys.Unlock()
	keys.n++
	return fmt.Sprintf("key-%08d", keys.n)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantReason(t testing.TB, what string, err error, want fault.Reason) {
	t.Helper()
	if got := fault.ReasonOf(err); got != want {
		t.Errorf("%s: %v (%s), want %s", what, err, got, want)
	}
}
