package health

import (
	"context"
	"time"

	"go.uber.org/zap"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

// follow keeps the relay's stream open until ctx ends. While it is broken nothing is known: no media counts as lost.
func (m *Monitor) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := m.watch(ctx)
		if ctx.Err() != nil {
			return
		}
		m.p.Log.Warn("the relay's reports broke off", zap.Error(err))
		timer := time.NewTimer(reconnectPause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// watch reads one stream. It begins with a list of all connections that are up; whoever is not in it has none.
func (m *Monitor) watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := m.p.Relay.Watch(ctx, &relayv1.WatchRequest{})
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.connected, m.complete = map[place]bool{}, false
	m.mu.Unlock()
	listed := time.AfterFunc(listTime, m.listComplete)
	defer listed.Stop()
	for {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		m.take(response)
	}
}

func (m *Monitor) listComplete() {
	m.mu.Lock()
	m.complete = true
	m.mu.Unlock()
	m.poke()
}

// take notes one message of the relay.
func (m *Monitor) take(r *relayv1.WatchResponse) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := r.GetConnectionChanged(); c != nil {
		at := place{c.GetLessonId(), c.GetParticipantId()}
		if c.GetConnected() {
			m.connected[at] = true
		} else {
			delete(m.connected, at)
			delete(m.windows, at)
		}
		m.poke()
	}
	now := m.p.Now() // the relay's clock may differ
	for _, s := range r.GetSamples().GetSamples() {
		at := place{s.GetLessonId(), s.GetParticipantId()}
		if m.windows[at] == nil {
			m.windows[at] = &window{}
		}
		m.windows[at].add(now, s)
	}
}

// poke makes the board's goroutine look; it never waits.
func (m *Monitor) poke() {
	select {
	case m.changed <- struct{}{}:
	default:
	}
}
