package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/placement"
)

func TestMain(m *testing.M) { testkit.Main(m) }

const (
	theLesson = "lsn_1"
	teacher   = "psn_lead"
	roomA     = "rom_a"
	roomB     = "rom_b"
)

// planBook is a Planner that holds plans.
type planBook struct{ plans map[string]lesson.Open }

func (b planBook) Plan(_ context.Context, id string) (lesson.Open, error) {
	if o, ok := b.plans[id]; ok {
		return o, nil
	}
	return lesson.Open{}, fault.New(fault.NotFound)
}

func planAt(id string, start time.Time) lesson.Open {
	return lesson.Open{Lead: 15 * time.Minute, Plan: lesson.Plan{
		LessonID: id, Title: "数学", Kind: "DELIVERED_CLASS",
		StartsAt: start.UTC().Round(0), EndsAt: start.Add(40 * time.Minute).UTC().Round(0), Overrun: 10 * time.Minute,
		Roster: []lesson.Member{
			{ID: teacher, Name: "Lead", Role: lesson.RoleLead, CampusID: "cmp_l"},
			{ID: roomA, Name: "A", Role: lesson.RoleClassroom, CampusID: "cmp_a"},
			{ID: roomB, Name: "B", Role: lesson.RoleClassroom, CampusID: "cmp_b"},
		},
		CampusIDs: []string{"cmp_l", "cmp_a", "cmp_b"}, StageSize: 3,
	}}
}

func visitorOf(id string) lesson.Visitor {
	switch id {
	case roomA, roomB:
		return lesson.Visitor{ID: id, Device: true}
	case teacher:
		return lesson.Visitor{ID: id}
	default:
		return lesson.Visitor{ID: id, Name: id, CampusID: "cmp_a", Observer: true}
	}
}

// badOffer is refused by the relay.
const badOffer = "bad offer"

// fakeRelay holds what it was told.
type fakeRelay struct {
	mu       sync.Mutex
	policies []placement.Policy
	gone     []string
	closed   []string
	failing  int // calls that still fail
	shapes   []placement.Shape
	// answered, unless nil, is waited for before slowOffer is answered.
	answered chan struct{}
}

// slowOffer is answered when the test says so.
const slowOffer = "slow offer"

func (r *fakeRelay) Connect(_ context.Context, _, participantID string, offer placement.Offer, p placement.Policy) (placement.Answer, error) {
	if offer.SDP == slowOffer {
		<-r.answered
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if offer.SDP == badOffer {
		return placement.Answer{}, fault.New(fault.OfferRejected)
	}
	r.policies, r.shapes = append(r.policies, p), append(r.shapes, offer.Shape)
	return placement.Answer{SDP: "answer to " + offer.SDP, ConnectionID: "con_" + participantID}, nil
}

func (r *fakeRelay) SetPolicy(_ context.Context, _ string, p placement.Policy) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failing > 0 {
		r.failing--
		return errors.New("the relay is away")
	}
	r.policies = append(r.policies, p)
	return nil
}

func (r *fakeRelay) Disconnect(_ context.Context, _, participantID string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = append(r.gone, participantID)
	return nil
}

func (r *fakeRelay) CloseLesson(_ context.Context, lessonID string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = append(r.closed, lessonID)
	return nil
}

func (r *fakeRelay) last() placement.Policy {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.policies) == 0 {
		return placement.Policy{}
	}
	return r.policies[len(r.policies)-1]
}

func (r *fakeRelay) grant(id string) placement.Grant {
	for _, g := range r.last().Participants {
		if g.ParticipantID == id {
			return g
		}
	}
	return placement.Grant{}
}

func (r *fakeRelay) saw(list *[]string, v string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(*list, v)
}

// instance is a running registry.
type instance struct {
	t testing.TB
	*Registry
	relay  *fakeRelay
	cancel context.CancelFunc
	ended  chan struct{}
}

type option func(*Params)

func withHolder(h string) option { return func(p *Params) { p.Holder = h } }

// run starts an instance on logs whose lesson begins in ten minutes. stop it before the test ends.
func run(t testing.TB, logs eventlog.Log, opts ...option) *instance {
	t.Helper()
	i := &instance{t: t, relay: &fakeRelay{}, ended: make(chan struct{})}
	p := Params{
		Config: DefaultConfig(), Log: zap.NewNop(), Logs: logs, Relay: i.relay, Holder: "instance-1",
		Planner: planBook{map[string]lesson.Open{theLesson: planAt(theLesson, time.Now().Add(10*time.Minute))}},
	}
	for _, o := range opts {
		o(&p)
	}
	i.Registry = NewRegistry(p)
	ctx, cancel := context.WithCancel(context.Background())
	i.cancel = cancel
	go func() {
		defer close(i.ended)
		i.Run(ctx)
	}()
	testkit.Eventually(t, func() bool {
		i.mu.Lock()
		defer i.mu.Unlock()
		return i.ctx != nil
	}, "the instance runs")
	return i
}

func (i *instance) stop() {
	i.cancel()
	<-i.ended
}

// enter returns the lesson's session for somebody who belongs there.
func (i *instance) enter(id string) (*Session, lesson.Member) {
	i.t.Helper()
	s, m, err := i.Open(context.Background(), theLesson, visitorOf(id))
	if err != nil {
		i.t.Fatalf("open for %s: %v", id, err)
	}
	return s, m
}

// do sends a command that must be taken.
func (i *instance) do(sender string, a lesson.Action) lesson.Receipt {
	i.t.Helper()
	r, err := i.try(sender, "", a)
	if err != nil {
		i.t.Fatalf("%s by %s: %v", a.Name(), sender, err)
	}
	return r
}

// flicker makes n events, faster than any participant may: the teacher's media comes and goes.
func (i *instance) flicker(n uint64) {
	i.t.Helper()
	for range n {
		i.do("", lesson.ReportMedia{ID: teacher, Connected: !i.state().Participant(teacher).MediaConnected})
	}
}

func (i *instance) try(sender, key string, a lesson.Action) (lesson.Receipt, error) {
	s, err := i.Find(context.Background(), theLesson)
	if err != nil {
		return lesson.Receipt{}, err
	}
	return s.Do(context.Background(), lesson.Command{Sender: sender, Key: key, Do: a})
}

func (i *instance) state() *lesson.State {
	i.t.Helper()
	s, err := i.Find(context.Background(), theLesson)
	if err != nil {
		i.t.Fatal(err)
	}
	return s.State()
}

// client is an attending stream.
type client struct {
	t      testing.TB
	cancel context.CancelFunc
	err    chan error // receives how the stream ended

	mu         sync.Mutex
	snapshot   *lesson.State
	events     []lesson.Event
	heartbeats []uint64
	// block makes sends wait; nil reads at once.
	block chan struct{}
}

func (c *client) Snapshot(s *lesson.State) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.snapshot = s
	return nil
}

func (c *client) Event(e lesson.Event) error {
	if c.block != nil {
		<-c.block
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, e)
	return nil
}

func (c *client) Heartbeat(_ time.Time, last uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heartbeats = append(c.heartbeats, last)
	return nil
}

func (c *client) received() []lesson.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.events)
}

// last is the ordinal up to which the client knows everything; it fails the test when there is a gap or a repeat.
func (c *client) last(from uint64) uint64 {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.snapshot != nil {
		from = c.snapshot.Ordinal
	}
	for _, e := range c.events {
		if e.Ordinal != from+1 {
			c.t.Fatalf("event %d follows %d", e.Ordinal, from)
		}
		from++
	}
	return from
}

func (c *client) got(kind string) bool {
	return slices.ContainsFunc(c.received(), func(e lesson.Event) bool { return fmt.Sprintf("%T", e.Kind) == "lesson."+kind })
}

// attend opens a stream. It has begun when attend returns.
func (i *instance) attend(id, window string, takeOver bool, from uint64, opts ...func(*client)) *client {
	i.t.Helper()
	c := &client{t: i.t, err: make(chan error, 1)}
	for _, o := range opts {
		o(c)
	}
	s, m := i.enter(id)
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	go func() {
		c.err <- i.Attend(ctx, s, Attendance{Member: m, Window: window, TakeOver: takeOver, From: from}, c)
	}()
	testkit.Eventually(i.t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		st := s.attendees[id].stream
		return len(c.err) > 0 || st != nil && st.window == window
	}, "the stream begins")
	return c
}

func (i *instance) joined(ids ...string) map[string]*client {
	i.t.Helper()
	clients := map[string]*client{}
	for _, id := range ids {
		clients[id] = i.attend(id, "window-"+id, true, 0)
	}
	return clients
}

// ended waits for the end of the stream.
func (c *client) ended() error {
	c.t.Helper()
	return testkit.Receive(c.t, c.err, "the stream ends")
}
