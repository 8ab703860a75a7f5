package forward

import (
	"sync"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

// watchLength is how many events may wait for a watcher; one that falls behind further is cut and begins anew.
const watchLength = 256

// Events hands what happens to watchers. It knows who is connected, so that a new watcher begins with the present.
// It owns no goroutine and never waits for a watcher.
type Events struct {
	mu       sync.Mutex
	up       map[member]bool
	watchers map[*Watcher]bool
	closed   bool
}

type member struct{ lesson, participant string }

// NewEvents returns an empty hub.
func NewEvents() *Events {
	return &Events{up: map[member]bool{}, watchers: map[*Watcher]bool{}}
}

// Watcher receives events from C until it is closed: by Close, or because it fell behind.
type Watcher struct {
	C      <-chan *relayv1.WatchResponse
	events *Events
	queue  chan *relayv1.WatchResponse
}

// Watch begins with one ConnectionChanged for each participant that is connected.
func (e *Events) Watch() *Watcher {
	e.mu.Lock()
	defer e.mu.Unlock()
	queue := make(chan *relayv1.WatchResponse, watchLength+len(e.up))
	w := &Watcher{C: queue, queue: queue, events: e}
	for m := range e.up {
		queue <- changed(m, true)
	}
	e.watchers[w] = true
	if e.closed {
		e.cut(w)
	}
	return w
}

// Close ends the watch; C is closed.
func (w *Watcher) Close() {
	w.events.mu.Lock()
	defer w.events.mu.Unlock()
	w.events.cut(w)
}

// Close ends all watches. Later ones end at once.
func (e *Events) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for w := range e.watchers {
		e.cut(w)
	}
}

// cut closes a watcher once. The caller holds mu.
func (e *Events) cut(w *Watcher) {
	if e.watchers[w] {
		delete(e.watchers, w)
		close(w.queue)
	}
}

func (e *Events) connectionChanged(lesson, participant string, connected bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := member{lesson, participant}
	if e.up[m] == connected {
		return
	}
	if connected {
		e.up[m] = true
	} else {
		delete(e.up, m)
	}
	e.publish(changed(m, connected))
}

func (e *Events) samples(s *relayv1.ConnectionSamples) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.publish(&relayv1.WatchResponse{Payload: &relayv1.WatchResponse_Samples{Samples: s}})
}

// publish never waits. The caller holds mu.
func (e *Events) publish(r *relayv1.WatchResponse) {
	for w := range e.watchers {
		select {
		case w.queue <- r:
		default:
			e.cut(w)
		}
	}
}

func changed(m member, connected bool) *relayv1.WatchResponse {
	return &relayv1.WatchResponse{Payload: &relayv1.WatchResponse_ConnectionChanged{
		ConnectionChanged: &relayv1.ConnectionChanged{
			LessonId: m.lesson, ParticipantId: m.participant, Connected: connected,
		},
	}}
}
