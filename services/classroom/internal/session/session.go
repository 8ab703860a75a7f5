package session

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/placement"
)

// Session is one lesson.
type Session struct {
	id  string
	p   Params
	log *zap.Logger

	// head is what has been stored so far; only the loop replaces it.
	head atomic.Pointer[head]
	// work is served by the loop, one piece after the other.
	work chan func(*writer)
	// wake makes the loop look at its deadlines again.
	wake chan struct{}
	// done is closed when nothing is decided any more: the lesson is over, or this instance no longer writes it.
	done  chan struct{}
	media *pusher

	mu        sync.Mutex
	attendees map[string]attendee // by participant
	streams   map[*stream]struct{}
	lastUsed  time.Time
}

// head is a state and the events that led to it. events only grows: older heads share its beginning.
type head struct {
	state  *lesson.State
	events []lesson.Event
	epoch  uint64
}

// after returns the events behind an ordinal; ordinals are gapless from 1, so they are indices.
func (h *head) after(ordinal uint64) []lesson.Event { return h.events[ordinal:] }

func newSession(p Params, id string, h *head) *Session {
	s := &Session{
		id:        id,
		p:         p,
		log:       p.Log.With(zap.String(telemetry.LessonID, id)),
		work:      make(chan func(*writer)),
		wake:      make(chan struct{}, 1),
		done:      make(chan struct{}),
		attendees: map[string]attendee{},
		streams:   map[*stream]struct{}{},
		lastUsed:  p.Now(),
	}
	s.head.Store(h)
	s.media = newPusher(s)
	for _, participant := range h.state.Participants {
		s.attendees[participant.ID] = attendee{dropped: s.lastUsed}
	}
	return s
}

// State is the state as of the last stored event.
func (s *Session) State() *lesson.State { return s.head.Load().state }

// Do decides a command and answers when its events are durable. It waits as long as ctx allows; a command that the
// caller gave up may still take effect: sending it again with its key tells.
func (s *Session) Do(ctx context.Context, c lesson.Command) (lesson.Receipt, error) {
	receipt, err := inLoop(ctx, s, func(w *writer) (lesson.Receipt, error) {
		decision, err := w.commit(ctx, c)
		return decision.Receipt, err
	})
	if errors.Is(err, errClosed) && s.State().Phase == lesson.PhaseEnded {
		// Repeats still get their answer; everything else is refused because the lesson has ended.
		decision, err := lesson.Decide(s.State(), c, s.p.Now())
		return decision.Receipt, err
	}
	return receipt, err
}

// Leave takes a participant's window out of the lesson and ends its stream.
func (s *Session) Leave(ctx context.Context, participantID, window string) (lesson.Receipt, error) {
	leave := lesson.Leave{ID: participantID, Window: WindowHash(window)}
	receipt, err := s.Do(ctx, lesson.Command{Sender: participantID, Do: leave})
	if err == nil && receipt.Ordinal > 0 {
		s.dismiss(participantID)
	}
	return receipt, err
}

// Connect hands an offer of the participant's window that counts to the relay.
func (s *Session) Connect(ctx context.Context, participantID, window, offer string) (placement.Answer, error) {
	s.touch()
	return s.connect(ctx, participantID, WindowHash(window), placement.Offer{SDP: offer})
}

// errClosed says that this session serves no more; never returned while the lesson's state tells more.
var errClosed error = fault.New(fault.Unavailable, fault.RetryAfter(time.Second))

// inLoop runs serve on the loop and returns its result. Work whose caller has gone is not begun.
func inLoop[T any](ctx context.Context, s *Session, serve func(*writer) (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	served := make(chan outcome, 1)
	work := func(w *writer) {
		if ctx.Err() != nil {
			return
		}
		value, err := serve(w)
		served <- outcome{value, err}
	}
	var none T
	select {
	case s.work <- work:
	case <-s.done:
		return none, errClosed
	case <-ctx.Done():
		return none, fault.From(ctx.Err())
	}
	select {
	case o := <-served:
		return o.value, o.err
	case <-ctx.Done():
		return none, fault.From(ctx.Err())
	}
}

// publish makes a stored decision visible.
func (s *Session) publish(h *head) {
	s.head.Store(h)
	s.mu.Lock()
	for st := range s.streams {
		st.published(uint64(len(h.events)))
	}
	s.mu.Unlock()
	s.media.changed()
}

func (s *Session) touch() {
	s.mu.Lock()
	s.lastUsed = s.p.Now()
	s.mu.Unlock()
}

// idle tells whether nobody attends and since when nobody asked.
func (s *Session) idle() (since time.Time, idle bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastUsed, len(s.streams) == 0
}
