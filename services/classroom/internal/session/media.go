package session

import (
	"context"
	"time"

	"go.uber.org/zap"

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
	// pushed is what the relay was told last; only run uses it.
	pushed placement.Policy
}

func newPusher(s *Session) *pusher { return &pusher{s: s, dirty: make(chan struct{}, 1)} }

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
		policy := placement.PolicyOf(h.state, h.epoch)
		err := m.update(ctx, policy)
		if err == nil {
			return
		}
		m.s.log.Warn("the relay did not take a policy", zap.Uint64("revision", policy.Revision), zap.Error(err))
		if !m.wait(ctx, retry) {
			return
		}
	}
}

// update tells the relay a policy if it says something new, and disconnects who is no longer in it.
func (m *pusher) update(ctx context.Context, policy placement.Policy) error {
	if policy.Same(m.pushed) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	if err := m.s.p.Relay.SetPolicy(ctx, m.s.id, policy); err != nil {
		return err
	}
	for _, g := range m.pushed.Participants {
		if policy.Has(g.ParticipantID) || m.s.here(g.ParticipantID) {
			continue
		}
		if err := m.s.p.Relay.Disconnect(ctx, m.s.id, g.ParticipantID); err != nil {
			return err
		}
	}
	m.pushed = policy
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
