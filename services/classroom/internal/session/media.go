package session

import (
	"context"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/placement"
)

const (
	// relayTimeout bounds one call to the relay.
	relayTimeout = 5 * time.Second
	// firstRetry and lastRetry bound the wait before a call is tried again.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
	// closeAttempts bounds how often the relay is told that a lesson is over.
	closeAttempts = 3
)

// pusher keeps the relay's policy like the lesson's state. Changes that come while a push is under way are pushed
// together; a push that fails is repeated with the newest policy.
type pusher struct {
	s     *Session
	dirty chan struct{}
	// carried is the newest revision that the relay got with an offer.
	carried atomic.Uint64

	// Only run uses these: what the relay was told last, and up to which ordinal those who left are disconnected.
	pushed placement.Policy
	seen   uint64
}

func newPusher(s *Session) *pusher {
	return &pusher{s: s, dirty: make(chan struct{}, 1), seen: s.State().Ordinal}
}

// connect hands an offer to the relay, for a window that counts before and after: whoever was removed while the relay
// made the connection does not get the answer, and without it the connection never comes up. Whoever is removed later
// has a connection by then, which the pusher ends.
func (s *Session) connect(
	ctx context.Context, participantID, window string, offer placement.Offer,
) (placement.Answer, error) {
	h := s.head.Load()
	if err := counts(h.state, participantID, window); err != nil {
		return placement.Answer{}, err
	}
	answer, err := s.p.Relay.Connect(ctx, s.id, participantID, offer, placement.PolicyOf(h.state, h.epoch))
	s.media.gone(h.state.Ordinal)
	if err == nil {
		err = counts(s.State(), participantID, window)
	}
	if err != nil {
		return placement.Answer{}, err
	}
	return answer, nil
}

// counts fails unless a participant is in the lesson with this window.
func counts(state *lesson.State, participantID, window string) error {
	p := state.Participant(participantID)
	switch {
	case state.Phase == lesson.PhaseEnded:
		return fault.New(fault.LessonEnded)
	case p == nil || p.Presence == lesson.Absent:
		return fault.New(fault.ParticipantNotFound)
	case p.Window != window:
		return fault.New(fault.Superseded)
	}
	return nil
}

// gone says that the policy of a revision went with an offer. One that was pushed before may be older, and what has
// changed since may be what it said: then it has to be pushed again.
func (m *pusher) gone(revision uint64) {
	for old := m.carried.Load(); old < revision && !m.carried.CompareAndSwap(old, revision); old = m.carried.Load() {
	}
	m.changed()
}

// changed says that the state has changed; it never waits.
func (m *pusher) changed() {
	select {
	case m.dirty <- struct{}{}:
	default:
	}
}

// run pushes until ctx ends or the session is done. A lesson that has ended is closed at the relay; otherwise the
// relay keeps what it has: media flows on while this instance restarts.
func (m *pusher) run(ctx context.Context) {
	for {
		select {
		case <-m.dirty:
			m.push(ctx)
		case <-ctx.Done():
			return
		case <-m.s.done:
			if m.s.State().Phase == lesson.PhaseEnded {
				m.closeLesson(ctx)
			}
			return
		}
	}
}

func (m *pusher) push(ctx context.Context) {
	for retry := firstRetry; ; retry = min(2*retry, lastRetry) {
		h := m.s.head.Load()
		if h.state.Phase == lesson.PhaseEnded {
			return
		}
		err := m.update(ctx, h)
		if err == nil {
			return
		}
		m.s.log.Warn("the relay did not take a policy", zap.Uint64("revision", h.state.Ordinal), zap.Error(err))
		if !m.wait(ctx, retry) {
			return
		}
	}
}

// update tells the relay a policy if it says something new, and disconnects who has left.
func (m *pusher) update(ctx context.Context, h *head) error {
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	if p := placement.PolicyOf(h.state, h.epoch); !p.Same(m.pushed) || m.pushed.Revision < m.carried.Load() {
		if err := m.s.p.Relay.SetPolicy(ctx, m.s.id, p); err != nil {
			return err
		}
		m.pushed = p
	}
	for _, e := range h.after(m.seen) {
		if left, ok := e.Kind.(lesson.ParticipantLeft); ok && !m.s.here(left.ID) {
			if err := m.s.p.Relay.Disconnect(ctx, m.s.id, left.ID); err != nil {
				return err
			}
		}
		m.seen = e.Ordinal
	}
	return nil
}

func (m *pusher) closeLesson(ctx context.Context) {
	retry := firstRetry
	for attempt := 1; attempt <= closeAttempts; attempt++ {
		call, cancel := context.WithTimeout(ctx, relayTimeout)
		err := m.s.p.Relay.CloseLesson(call, m.s.id)
		cancel()
		if err == nil {
			return
		}
		m.s.log.Warn("the relay did not close the lesson", zap.Int("attempt", attempt), zap.Error(err))
		pause(ctx, retry)
		retry *= 2
	}
}

// wait pauses between attempts; false when there is nothing to try again for.
func (m *pusher) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-m.s.done:
		return false
	}
}

// here tells whether a participant has come back meanwhile.
func (s *Session) here(participantID string) bool {
	p := s.State().Participant(participantID)
	return p != nil && p.Presence != lesson.Absent
}
