package forward

import (
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/assign"
)

const (
	// queueLength is how many events may wait for a lesson; who brings more waits.
	queueLength = 256
	// tickInterval is how often layers are chosen and waits are looked after.
	tickInterval = 100 * time.Millisecond
	// secondTicks is the number of ticks between two samples and reports.
	secondTicks = int(time.Second / tickInterval)
)

// Lesson is one goroutine (run) that owns the state of one lesson. Its methods run on that goroutine, apart from
// post, tell, call and end.
type Lesson struct {
	id        string
	forwarder *Forwarder
	log       *zap.Logger
	queue     chan func()
	quit      chan struct{}
	quitOnce  sync.Once
	reason    relayv1.GoodbyeReason // set before quit is closed
	done      chan struct{}
	closing   sync.WaitGroup // transports that are being closed

	// told is what readers of sockets have to say, who must not wait for a place in the queue; wake holds one token
	// while there is something.
	told struct {
		sync.Mutex
		list []func()
	}
	wake chan struct{}

	// Guarded by forwarder.mu.
	held      int            // connections counted
	members   map[string]int // the same by participant
	idleSince time.Time

	policy policy
	// connections are those that have not ended, oldest first, and of the same by participant. A list that loses one is
	// replaced, so that it may be walked meanwhile.
	connections []*Connection
	of          map[string][]*Connection
	// publishing is the connection of each participant whose publications count.
	publishing map[string]*Connection
	sources    []assign.Source // as last given to assign
	stale      bool            // something changed that may move sources between slots
	ticks      int
}

func newLesson(id string, f *Forwarder) *Lesson {
	return &Lesson{
		id:         id,
		forwarder:  f,
		log:        f.logger(id),
		queue:      make(chan func(), queueLength),
		quit:       make(chan struct{}),
		wake:       make(chan struct{}, 1),
		done:       make(chan struct{}),
		idleSince:  time.Now(),
		of:         map[string][]*Connection{},
		publishing: map[string]*Connection{},
		members:    map[string]int{},
	}
}

// run is the lesson's goroutine. It returns when the lesson is over and all its transports are closed.
func (l *Lesson) run() {
	tick := time.NewTicker(tickInterval)
	defer tick.Stop()
	for {
		select {
		case f := <-l.queue:
			l.hear() // what was told before f was posted comes before it
			f()
		case <-l.wake:
			l.hear()
		case now := <-tick.C:
			l.tick(now)
		case <-l.quit:
			for _, c := range l.connections {
				l.leave(c, &l.reason)
			}
			close(l.done)
			l.closing.Wait()
			return
		}
		if l.stale && len(l.queue) == 0 { // else after what waits: one look at it all is enough
			l.assign(time.Now())
		}
	}
}

// post queues f. It is dropped when the lesson is over.
func (l *Lesson) post(f func()) {
	select {
	case l.queue <- f:
	case <-l.done:
	}
}

// tell lets the lesson run f soon, and never waits. How often it is called is bounded by the streams of a connection,
// and by how many messages a participant may send (package channel).
func (l *Lesson) tell(f func()) {
	l.told.Lock()
	l.told.list = append(l.told.list, f)
	l.told.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// hear runs what was told.
func (l *Lesson) hear() {
	l.told.Lock()
	list := l.told.list
	l.told.list = nil
	l.told.Unlock()
	for _, f := range list {
		f()
	}
}

// call runs f on the lesson's goroutine and waits for it. It reports false when the lesson is over.
func (l *Lesson) call(f func()) bool {
	ran := make(chan struct{})
	l.post(func() { f(); close(ran) })
	select {
	case <-ran:
		return true
	case <-l.done:
		select {
		case <-ran: // just before the end
			return true
		default:
			return false
		}
	}
}

// end lets the lesson say goodbye and stop. It does not wait.
func (l *Lesson) end(reason relayv1.GoodbyeReason) {
	l.quitOnce.Do(func() {
		l.reason = reason
		close(l.quit)
	})
}

func (l *Lesson) tick(now time.Time) {
	l.ticks++
	l.look(now)
	l.listen(now)
	l.stale = l.stale || !slices.Equal(l.sources, l.sourcesNow(now))
	if l.stale {
		l.assign(now)
	}
	l.protect(now)
	l.attend(now)
	if l.ticks%secondTicks == 0 {
		l.sendReports(now)
		l.publishSamples(now)
	}
}

func (l *Lesson) setPolicy(p *relayv1.LessonPolicy) {
	next := newPolicy(p)
	if !next.newer(l.policy) {
		return
	}
	l.policy = next
	for _, c := range l.connections {
		for _, one := range c.publications {
			l.gate(one)
		}
	}
	l.stale = true
}

// gate opens or closes a publication as policy says; packets obey at once.
func (l *Lesson) gate(p *publication) {
	now, open := time.Now(), l.policy.permits(p.connection.participant, p.kind)
	if open && !p.open.Load() { // only this goroutine opens
		p.opened.Store(&now)
	}
	if p.open.Swap(open) || !open {
		return
	}
	for _, one := range p.layers {
		if len(*one.slots.Load()) > 0 {
			one.requestKeyframe(now)
		}
	}
}

// incoming adds a layer to what a connection sends.
func (l *Lesson) incoming(c *Connection, layer *Layer) {
	if c.state == ended {
		return
	}
	p := layer.publication
	if !slices.Contains(c.publications, p) {
		c.publications = append(c.publications, p)
	}
	p.add(layer)
	l.gate(p)
	l.stale = true
}
