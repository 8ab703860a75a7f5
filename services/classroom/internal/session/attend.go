package session

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// attend serves one stream; see Registry.Attend. The stream also ends when stop is closed.
func (s *Session) attend(
	ctx context.Context, stop <-chan struct{}, a Attendance, sink Sink, senders *sync.WaitGroup,
) error {
	st, err := s.enter(ctx, a)
	if err != nil {
		return err
	}
	defer s.drop(st)
	s.p.Metrics.streams.Inc()
	defer s.p.Metrics.streams.Dec()

	sent := make(chan error, 1)
	senders.Go(func() { sent <- s.send(ctx, st, sink) })
	stalled := time.NewTicker(s.p.Config.StallLimit / 4)
	defer stalled.Stop()
	for {
		select {
		case err := <-sent:
			return err
		case <-st.ended:
			if errors.Is(st.err, errNotRead) {
				s.p.Metrics.cut.Inc()
			}
			return st.err
		case <-ctx.Done():
			return fault.From(ctx.Err())
		case <-stop:
			st.end(errClosed)
		case <-stalled.C:
			if st.stalled() > s.p.Config.StallLimit {
				st.end(errNotRead)
			}
		}
	}
}

// enter joins on the loop, so that the stream begins exactly where the log stands. An ended lesson has no loop: it is
// only shown.
func (s *Session) enter(ctx context.Context, a Attendance) (*stream, error) {
	st := &stream{
		participant: a.Member.ID,
		window:      a.Window,
		wake:        make(chan struct{}, 1),
		limit:       s.p.Config.QueueLimit,
		patience:    s.p.Config.Patience,
		ended:       make(chan struct{}),
	}
	_, err := inLoop(ctx, s, func(w *writer) (struct{}, error) {
		if err := w.ready(); err != nil {
			return struct{}{}, err
		}
		if a.From > s.State().Ordinal {
			return struct{}{}, fault.New(fault.OutOfRange)
		}
		join := lesson.Join{Member: a.Member, Window: WindowHash(a.Window), TakeOver: a.TakeOver}
		if _, err := w.commit(ctx, lesson.Command{Sender: a.Member.ID, Do: join}); err != nil {
			return struct{}{}, err
		}
		st.begin(a.From, s.State())
		s.register(st)
		return struct{}{}, nil
	})
	switch {
	case err == nil:
		return st, nil
	case s.State().Phase != lesson.PhaseEnded || ctx.Err() != nil:
		s.drop(st) // it may have been registered after the caller had gone
		return nil, err
	case a.From > s.State().Ordinal:
		return nil, fault.New(fault.OutOfRange)
	}
	st.begin(a.From, s.State())
	return st, nil
}

// register makes a stream the participant's own, unless its caller has gone. The one before ends: superseded when it
// is another window's.
func (s *Session) register(st *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-st.ended:
		if s.attendees[st.participant].stream == nil {
			s.attendees[st.participant] = attendee{dropped: s.p.Now()}
		}
		return
	default:
	}
	if before := s.attendees[st.participant].stream; before != nil {
		reason := fault.Cancelled
		if before.window != st.window {
			reason = fault.Superseded
		}
		before.end(fault.New(reason))
	}
	s.attendees[st.participant] = attendee{stream: st}
	s.streams[st] = struct{}{}
}

// drop forgets a stream; its participant is expected back for a while.
func (s *Session) drop(st *stream) {
	st.end(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.streams, st)
	s.lastUsed = s.p.Now()
	if s.attendees[st.participant].stream != st {
		return
	}
	s.attendees[st.participant] = attendee{dropped: s.p.Now()}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// dismiss ends a participant's stream in peace.
func (s *Session) dismiss(participantID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.attendees[participantID].stream; st != nil {
		st.end(nil)
	}
}

// send runs in the stream's own goroutine until the lesson is over, the stream is cut, or sink fails.
func (s *Session) send(ctx context.Context, st *stream, sink Sink) error {
	heartbeat := time.NewTicker(s.p.Config.Heartbeat)
	defer heartbeat.Stop()
	busy := func(send func() error) error {
		st.busySince.Store(time.Now().UnixNano())
		st.busyAt.Store(s.State().Ordinal + 1)
		err := send()
		st.busyAt.Store(0)
		st.busySince.Store(0)
		return err
	}
	if st.snapshot != nil {
		if err := busy(func() error { return sink.Snapshot(st.snapshot) }); err != nil {
			return err
		}
		st.snapshot = nil
	} else if err := busy(func() error { return sink.Heartbeat(s.p.Now(), s.State().Ordinal) }); err != nil {
		return err // A stream that resumes says at once that it lives, events or not.
	}
	for {
		h := s.head.Load()
		for _, e := range h.after(st.sent) {
			if err := busy(func() error { return sink.Event(e) }); err != nil {
				return err
			}
			st.sent = e.Ordinal
			if st.over(ctx) {
				return st.err
			}
		}
		if h.state.Phase == lesson.PhaseEnded {
			return nil
		}
		select {
		case <-st.wake:
		case <-heartbeat.C:
			if err := busy(func() error { return sink.Heartbeat(s.p.Now(), s.State().Ordinal) }); err != nil {
				return err
			}
		case <-st.ended:
			return st.err
		case <-ctx.Done():
			return fault.From(ctx.Err())
		}
	}
}
