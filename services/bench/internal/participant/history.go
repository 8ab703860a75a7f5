package participant

import (
	"context"
	"fmt"
	"sync"
	"time"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
)

// Received is an event and when it arrived.
type Received struct {
	Event *classroomv1.LessonEvent
	At    time.Time
}

// history is what a participant has received of a lesson.
type history struct {
	mu       sync.Mutex
	snapshot *classroomv1.LessonSnapshot
	events   []Received
	last     uint64        // ordinal up to which everything is known
	end      error         // why nothing more will come; nil while following
	changed  chan struct{} // closed and replaced by each change
	reopened int
}

func newHistory() *history { return &history{changed: make(chan struct{})} }

// take adds one message of a stream. It fails when an event is missing or repeated: the stream's promise is broken.
func (h *history) take(res *classroomv1.AttendResponse, at time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case res.GetSnapshot() != nil:
		h.snapshot = res.GetSnapshot()
		h.last = h.snapshot.GetState().GetOrdinal()
	case res.GetEvent() != nil:
		if got := res.GetEvent().GetOrdinal(); got != h.last+1 {
			h.end = fmt.Errorf("event %d follows %d", got, h.last)
			h.wake()
			return h.end
		}
		h.last++
		h.events = append(h.events, Received{res.GetEvent(), at})
	}
	h.wake()
	return nil
}

// wake tells waiters to look again. The caller holds mu.
func (h *history) wake() {
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *history) count(f func(*history)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(h)
}

func (h *history) finish(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.end == nil {
		h.end = err
	}
	h.wake()
}

func (h *history) lastOrdinal() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

func (h *history) selfID() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.snapshot.GetSelfId()
}

// ended says whether the lesson is over, or the stream broke its promise.
func (h *history) ended() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.end != nil || h.snapshot.GetState().GetPhase() == classroomv1.LessonPhase_LESSON_PHASE_ENDED {
		return true
	}
	for _, r := range h.events {
		if r.Event.GetLessonEnded() != nil {
			return true
		}
	}
	return false
}

// await waits until ok holds; ok is called under the lock.
func (h *history) await(ctx context.Context, ok func(*history) bool) error {
	for {
		h.mu.Lock()
		done, end, changed := ok(h), h.end, h.changed
		h.mu.Unlock()
		switch {
		case done:
			return nil
		case end != nil:
			return end
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// AwaitEvent returns the first event that matches, of those behind the snapshot, as soon as it is there.
func (p *Participant) AwaitEvent(ctx context.Context, match func(*classroomv1.LessonEvent) bool) (Received, error) {
	var found Received
	next := 0
	err := p.history.await(ctx, func(h *history) bool {
		for ; next < len(h.events); next++ {
			if match(h.events[next].Event) {
				found = h.events[next]
				return true
			}
		}
		return false
	})
	return found, err
}

// AwaitOrdinal waits until everything up to an ordinal has arrived, and returns when that event came.
func (p *Participant) AwaitOrdinal(ctx context.Context, ordinal uint64) (Received, error) {
	return p.AwaitEvent(ctx, func(e *classroomv1.LessonEvent) bool { return e.GetOrdinal() >= ordinal })
}

// AwaitEnd waits until the lesson has ended.
func (p *Participant) AwaitEnd(ctx context.Context) error {
	_, err := p.AwaitEvent(ctx, func(e *classroomv1.LessonEvent) bool { return e.GetLessonEnded() != nil })
	return err
}

// Reopened is how often the stream had to be opened again.
func (p *Participant) Reopened() int {
	p.history.mu.Lock()
	defer p.history.mu.Unlock()
	return p.history.reopened
}

// State is the lesson as the first snapshot showed it.
func (p *Participant) State() *classroomv1.LessonState {
	p.history.mu.Lock()
	defer p.history.mu.Unlock()
	return p.history.snapshot.GetState()
}
