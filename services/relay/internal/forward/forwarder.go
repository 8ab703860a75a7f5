package forward

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// sweepInterval is how often lessons without connections are looked for.
const sweepInterval = 10 * time.Second

// Forwarder holds the lessons. It owns their goroutines: Run returns when all have ended.
type Forwarder struct {
	config Config
	log    *zap.Logger
	events *Events
	out    Batches
	layers atomic.Uint32 // ids given to layers
	totals totals
	// relief is what all lessons give up; refused counts joins.
	relief  atomic.Int32
	refused atomic.Uint64

	mu          sync.Mutex
	lessons     map[string]*Lesson
	connections int
	stopping    bool
	full        bool
	running     sync.WaitGroup
}

// New makes a forwarder that reports to events and sends through out what no arriving packet has caused.
func New(config Config, log *zap.Logger, events *Events, out Batches) *Forwarder {
	return &Forwarder{config: config, log: log, events: events, out: out, lessons: map[string]*Lesson{}}
}

// Run forgets idle lessons until done is closed; then it says goodbye to all participants, and returns when
// every goroutine of every lesson has ended.
func (f *Forwarder) Run(done <-chan struct{}) {
	sweep := time.NewTicker(sweepInterval)
	defer sweep.Stop()
	for {
		select {
		case now := <-sweep.C:
			f.sweep(now)
		case <-done:
			f.stop()
			return
		}
	}
}

func (f *Forwarder) stop() {
	f.mu.Lock()
	f.stopping = true
	for id, l := range f.lessons {
		delete(f.lessons, id)
		l.end(relayv1.GoodbyeReason_GOODBYE_REASON_RELAY_STOPPING)
	}
	f.mu.Unlock()
	f.running.Wait()
}

func (f *Forwarder) sweep(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, l := range f.lessons {
		if l.held == 0 && now.Sub(l.idleSince) > f.config.IdleTimeout {
			delete(f.lessons, id)
			l.end(relayv1.GoodbyeReason_GOODBYE_REASON_LESSON_CLOSED)
		}
	}
}

// JoinParams are one participant's request for a connection.
type JoinParams struct {
	LessonID, ParticipantID string
	Policy                  *relayv1.LessonPolicy
	Slots                   Slots
	// NoChannel: the participant's program has no control channel; nothing is said to it, and it sends no heartbeats.
	NoChannel bool
	// Open makes the transport of the connection. It runs on the caller's goroutine and may take its time.
	Open func(*Connection) (Transport, error)
}

// Join puts a new connection into a lesson. It fails with RESOURCE_EXHAUSTED and a time to retry at a limit and while
// the relay is full, UNAVAILABLE while the relay stops, and with Open's error. A participant with too many connections
// loses its oldest.
func (f *Forwarder) Join(p JoinParams) (*Connection, error) {
	l, err := f.reserve(&p)
	if err != nil {
		return nil, err
	}
	c := newConnection(ids.New(ids.Connection), l, p.ParticipantID, p.Slots, rand.Uint32(), time.Now())
	c.noChannel = p.NoChannel
	if !l.call(func() { l.join(c, p.Policy) }) {
		f.release(l, p.ParticipantID)
		return nil, fault.New(fault.Unavailable)
	}
	t, err := p.Open(c)
	if err != nil {
		l.call(func() { l.leave(c, nil) })
		return nil, err
	}
	if !l.call(func() { l.attach(c, t) }) {
		t.Close()
		return nil, fault.New(fault.Unavailable)
	}
	return c, nil
}

// reserve finds or makes a lesson and counts a connection to it.
func (f *Forwarder) reserve(p *JoinParams) (*Lesson, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopping {
		return nil, fault.New(fault.Unavailable)
	}
	l := f.lessons[p.LessonID]
	if !f.admit(l, p) {
		return nil, f.refuse()
	}
	if l == nil {
		l = newLesson(p.LessonID, f)
		f.lessons[p.LessonID] = l
		f.running.Go(l.run)
	}
	f.connections++
	l.held++
	l.members[p.ParticipantID]++
	return l, nil
}

// release gives back what reserve counted.
func (f *Forwarder) release(l *Lesson, participant string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.connections--
	l.held--
	if l.members[participant]--; l.members[participant] == 0 {
		delete(l.members, participant)
	}
	l.idleSince = time.Now()
}

// SetPolicy replaces the policy of a lesson that is known here; another has nobody to forward for.
func (f *Forwarder) SetPolicy(lessonID string, p *relayv1.LessonPolicy) {
	if l := f.lesson(lessonID); l != nil {
		l.call(func() { l.setPolicy(p) })
	}
}

// Disconnect ends all connections of a participant.
func (f *Forwarder) Disconnect(lessonID, participantID string) {
	if l := f.lesson(lessonID); l != nil {
		l.call(func() { l.remove(participantID) })
	}
}

// CloseLesson ends all connections of a lesson and forgets it.
func (f *Forwarder) CloseLesson(lessonID string) {
	f.mu.Lock()
	l := f.lessons[lessonID]
	delete(f.lessons, lessonID)
	f.mu.Unlock()
	if l != nil {
		l.end(relayv1.GoodbyeReason_GOODBYE_REASON_LESSON_CLOSED)
	}
}

// Connections is the number of connections, with those that are being made.
func (f *Forwarder) Connections() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.connections
}

// Lessons is the number of lessons held.
func (f *Forwarder) Lessons() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.lessons)
}

func (f *Forwarder) lesson(id string) *Lesson {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lessons[id]
}

// layerID gives a number that no other layer has.
func (f *Forwarder) layerID() munge.Source { return munge.Source(f.layers.Add(1)) }

func (f *Forwarder) logger(lessonID string) *zap.Logger {
	return f.log.With(zap.String(telemetry.LessonID, lessonID))
}
