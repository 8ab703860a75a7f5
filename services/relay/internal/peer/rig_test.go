package peer

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// rig is a relay without its service: real sockets, a real forwarder, and this package between them.
type rig struct {
	t         testing.TB
	ports     *wire.Ports
	hub       *Hub
	forwarder *forward.Forwarder
	watcher   *forward.Watcher

	mu       sync.Mutex
	revision uint64
	policy   *relayv1.LessonPolicy
	refused  map[string]int // packets, by participant
	up       map[string]uint64
	clients  map[*client]bool // that have not left
}

func newRig(t testing.TB) *rig {
	t.Helper()
	testkit.NoLeaks(t)
	ports, err := wire.Open(wire.Params{Listen: "127.0.0.1:0"})
	must(t, err)
	hub, err := New(Params{Ports: ports, Log: zap.NewNop()})
	must(t, err)
	events := forward.NewEvents()
	r := &rig{t: t, ports: ports, hub: hub, watcher: events.Watch(), refused: map[string]int{}, up: map[string]uint64{}, clients: map[*client]bool{}}
	r.forwarder = forward.New(forward.Config{
		MaxConnections: 1000, MaxConnectionsPerParticipant: 3,
		ConnectTimeout: time.Minute, SilenceTimeout: time.Minute,
		AckTimeout: 300 * time.Millisecond, IdleTimeout: time.Minute,
	}, zap.NewNop(), events, ports)
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { ports.Serve(hub) })
	running.Go(func() { r.forwarder.Run(done) })
	running.Go(r.watch)
	t.Cleanup(func() {
		close(done)
		testkit.Eventually(t, func() bool { return r.forwarder.Connections() == 0 }, "all connections end")
		events.Close()
		if err := ports.Close(); err != nil {
			t.Error(err)
		}
		running.Wait()
	})
	t.Cleanup(r.empty)
	r.allow("teacher")
	return r
}

func (r *rig) enter(c *client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clients[c] = true
}

// empty lets all clients leave.
func (r *rig) empty() {
	r.mu.Lock()
	left := slices.Collect(maps.Keys(r.clients))
	r.mu.Unlock()
	for _, c := range left {
		c.leave()
	}
}

// allow lets participants send everything; the first is the teacher.
func (r *rig) allow(who ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.revision++
	r.policy = &relayv1.LessonPolicy{Epoch: 1, Revision: r.revision, Flowing: true}
	for n, id := range who {
		one := &relayv1.ParticipantPolicy{ParticipantId: id, Standing: relayv1.Standing_STANDING_ROOM, Rank: uint32(n)}
		if n == 0 {
			one.Standing = relayv1.Standing_STANDING_LEAD
		}
		for kind := range 4 {
			one.MaySend = append(one.MaySend, relayv1.MediaKind(kind+1))
		}
		r.policy.Participants = append(r.policy.Participants, one)
	}
}

// watch sums what samples say.
func (r *rig) watch() {
	for event := range r.watcher.C {
		r.mu.Lock()
		for _, s := range event.GetSamples().GetSamples() {
			r.refused[s.GetParticipantId()] += int(s.GetPacketsRefused())
			r.up[s.GetParticipantId()] = s.GetBitrateUp()
		}
		r.mu.Unlock()
	}
}

// refusals is how many packets of a participant the samples call refused.
func (r *rig) refusals(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refused[id]
}

// bitrateUp is the last measured one of a participant.
func (r *rig) bitrateUp(id string) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.up[id]
}

// answer joins the lesson with an offer.
func (r *rig) answer(id, text string) (p *Peer, answer string) {
	r.t.Helper()
	shape, err := offer.Parse(text)
	must(r.t, err)
	r.mu.Lock()
	policy := r.policy
	r.mu.Unlock()
	_, err = r.forwarder.Join(forward.JoinParams{
		LessonID: "lesson", ParticipantID: id, Policy: policy,
		Slots: forward.Slots{Audio: shape.AudioSlots, Video: shape.VideoSlots},
		Open: func(c *forward.Connection) (forward.Transport, error) {
			p, answer = r.hub.Answer(shape, c)
			return p, nil
		},
	})
	must(r.t, err)
	return p, answer
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
