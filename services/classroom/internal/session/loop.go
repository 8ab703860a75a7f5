package session

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// retryTick is the wait after a deadline could not be acted on because storage did not answer.
const retryTick = time.Second

// run serves the lesson until it has ended, ctx ends, or another instance writes it. It returns when all goroutines
// of the session have ended.
func (s *Session) run(w *writer) {
	s.p.Metrics.open.Inc()
	defer s.p.Metrics.open.Dec()
	pushed := make(chan struct{})
	go func() {
		defer close(pushed)
		s.media.run(w.ctx)
	}()
	s.serve(w)
	s.close()
	close(s.done)
	<-pushed
	release, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), s.p.Config.LeaseTTL)
	defer cancel()
	if err := w.lease.Release(release); err != nil {
		s.log.Warn("releasing the lease failed", zap.Error(err))
	}
}

func (s *Session) serve(w *writer) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for w.ctx.Err() == nil && w.fenced == nil && s.State().Phase != lesson.PhaseEnded {
		select {
		case <-w.ctx.Done():
		case work := <-s.work:
			work(w)
		case <-w.losing():
			_ = w.ready() // what stands in the way is in w.fenced, or comes again with the next attempt
		case <-s.wake:
		case <-timer.C:
			if w.lapsed {
				_ = w.ready()
			}
		}
		timer.Reset(s.act(w))
	}
}

// act does what is due and returns how long nothing else will be.
func (s *Session) act(w *writer) time.Duration {
	for w.ctx.Err() == nil && w.fenced == nil && s.State().Phase != lesson.PhaseEnded {
		if w.lapsed {
			return reclaimPause
		}
		due, at := s.next()
		wait := at.Sub(s.p.Now())
		if wait > 0 {
			return wait
		}
		decision, err := w.commit(w.ctx, lesson.Command{Do: due})
		if err != nil {
			return retryTick
		}
		if decision.Entry.Empty() {
			return retryTick // due by our clock, not yet by the lesson's
		}
		s.log.Debug("due", zap.String("command", due.Name()))
	}
	return time.Hour
}

// next is the earliest thing that happens by itself, and when.
func (s *Session) next() (lesson.Action, time.Time) {
	state := s.State()
	var due lesson.Action = lesson.Expire{}
	at := state.Plan.ClosesAt()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range state.Participants {
		a := s.attendees[p.ID]
		if p.Presence == lesson.Absent || a.stream != nil {
			continue
		}
		var (
			action lesson.Action
			when   time.Time
		)
		switch {
		case state.ByToken(p.ID) && p.MediaConnected: // the relay tells when it goes
			continue
		case state.ByToken(p.ID):
			action, when = lesson.Leave{ID: p.ID}, a.dropped.Add(s.p.Config.MediaPatience)
		case p.Presence == lesson.Present:
			action, when = lesson.LoseConnection{ID: p.ID}, a.dropped.Add(s.p.Config.Grace)
		default:
			action, when = lesson.Leave{ID: p.ID}, a.dropped.Add(s.p.Config.Absence)
		}
		if when.Before(at) {
			due, at = action, when
		}
	}
	return due, at
}

// close ends all streams.
func (s *Session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastUsed = s.p.Now()
	if s.State().Phase == lesson.PhaseEnded {
		return // streams end by themselves when they have sent the last event
	}
	for st := range s.streams {
		st.end(errClosed)
	}
}
