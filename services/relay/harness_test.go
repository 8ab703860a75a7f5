package relay_test

import (
	"context"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay"
)

const lesson = "lsn_test"

// rig is a relay on loopback with a gRPC client.
type rig struct {
	t       testing.TB
	service *relay.Service
	metrics *prometheus.Registry
	client  relayv1.RelayServiceClient
	stop    func()

	mu       sync.Mutex
	revision uint64
	policy   *relayv1.LessonPolicy
}

// testConfig listens on a free port of the loopback address. It has no budget: the clients of a test run in the same
// process.
func testConfig() relay.Config {
	c := relay.DefaultConfig()
	c.Media.Listen = "127.0.0.1:0"
	c.Limits.CPU, c.Limits.MemoryMB = 0, 0
	return c
}

func newRig(t testing.TB, c relay.Config) *rig {
	t.Helper()
	testkit.NoLeaks(t)
	metrics := prometheus.NewRegistry()
	service, err := relay.New(relay.Params{Config: c, Log: zap.NewNop(), Metrics: metrics})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() {
		if err := service.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	pipe, server := rpc.NewPipe(), grpc.NewServer()
	service.Register(server)
	parts.Go(func() { _ = server.Serve(pipe.Listener()) })
	conn, err := grpc.NewClient("passthrough:///relay", grpc.WithContextDialer(pipe.DialContext),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, service: service, metrics: metrics, client: relayv1.NewRelayServiceClient(conn)}
	r.stop = sync.OnceFunc(func() {
		cancel()
		_ = conn.Close()
		server.Stop()
		pipe.Close()
		parts.Wait()
	})
	t.Cleanup(r.stop)
	return r
}

// allow makes the next policy from who may send what. It takes effect with apply or the next join.
func (r *rig) allow(flowing bool, who ...*relayv1.ParticipantPolicy) *relayv1.LessonPolicy {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.revision++
	r.policy = &relayv1.LessonPolicy{Epoch: 1, Revision: r.revision, Flowing: flowing, Participants: who}
	return r.policy
}

func (r *rig) current() *relayv1.LessonPolicy {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.policy
}

func (r *rig) apply(p *relayv1.LessonPolicy) {
	r.t.Helper()
	_, err := r.client.SetPolicy(r.t.Context(), &relayv1.SetPolicyRequest{LessonId: lesson, Policy: p})
	if err != nil {
		r.t.Fatal(err)
	}
}

// gauge reads a metric of the relay.
func (r *rig) gauge(name string) float64 {
	families, err := r.metrics.Gather()
	if err != nil {
		r.t.Error(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return -1
}

var (
	sends = []relayv1.MediaKind{
		relayv1.MediaKind_MEDIA_KIND_MICROPHONE, relayv1.MediaKind_MEDIA_KIND_CAMERA,
		relayv1.MediaKind_MEDIA_KIND_SCREEN, relayv1.MediaKind_MEDIA_KIND_SCREEN_AUDIO,
	}
	sendsPicture = sends[1:]
)

func lead(id string, may ...relayv1.MediaKind) *relayv1.ParticipantPolicy {
	return &relayv1.ParticipantPolicy{ParticipantId: id, Standing: relayv1.Standing_STANDING_LEAD, MaySend: may}
}

func room(id string, rank uint32, may ...relayv1.MediaKind) *relayv1.ParticipantPolicy {
	return &relayv1.ParticipantPolicy{ParticipantId: id, Standing: relayv1.Standing_STANDING_ROOM, Rank: rank, MaySend: may}
}
