package session

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/classroom/internal/codec"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// fill loads a session and starts it. It runs in its own goroutine, so that a caller that goes away spoils nothing.
func (r *Registry) fill(ctx context.Context, lessonID string, sl *slot, opening *lesson.Open) {
	s, w, err := r.load(ctx, lessonID, opening)
	sl.session, sl.err = s, err
	if err != nil {
		r.forget(lessonID, sl)
	}
	close(sl.ready)
	if w == nil {
		return
	}
	s.run(w)
	if s.State().Phase != lesson.PhaseEnded {
		r.forget(lessonID, sl)
	}
}

// load reads a log and takes its lease. The log of an ended lesson needs none: its session only shows it.
func (r *Registry) load(ctx context.Context, lessonID string, opening *lesson.Open) (*Session, *writer, error) {
	h, position, err := r.read(ctx, lessonID, &head{state: &lesson.State{}}, 0)
	if err != nil {
		return nil, nil, err
	}
	if h.state.Phase == lesson.PhaseEnded {
		s := newSession(r.p, lessonID, h)
		close(s.done)
		return s, nil, nil
	}
	if h.state.Phase == lesson.PhaseNone && opening == nil {
		return nil, nil, fault.New(fault.LessonNotOpen)
	}
	lease, err := r.p.Logs.Acquire(ctx, lessonID, r.p.Holder, r.p.Config.LeaseTTL)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Unavailable, err, fault.RetryAfter(time.Second))
	}
	s, w, err := r.takeUp(ctx, lessonID, opening, h, position, lease)
	if err != nil {
		release, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.p.Config.LeaseTTL)
		defer cancel()
		if released := lease.Release(release); released != nil {
			r.p.Log.Warn("releasing the lease failed", zap.String(telemetry.LessonID, lessonID), zap.Error(released))
		}
		return nil, nil, err
	}
	return s, w, nil
}

// takeUp makes the session that continues a log under a lease, and opens the lesson if its log is still empty.
func (r *Registry) takeUp(
	ctx context.Context, lessonID string, opening *lesson.Open, h *head, position eventlog.Position, lease *eventlog.Lease,
) (*Session, *writer, error) {
	h, position, err := r.read(ctx, lessonID, h, position) // what came before we had the lease
	if err != nil {
		return nil, nil, err
	}
	h.epoch = lease.Epoch()
	s := newSession(r.p, lessonID, h)
	w := &writer{s: s, ctx: ctx, lease: lease, position: position}
	if h.state.Phase == lesson.PhaseNone {
		if _, err := w.commit(ctx, lesson.Command{Do: *opening}); err != nil {
			return nil, nil, err
		}
	}
	s.log.Info("lesson taken up", zap.Uint64("ordinal", s.State().Ordinal), zap.Uint64("epoch", lease.Epoch()))
	return s, w, nil
}

// read applies what a log has behind a position.
func (r *Registry) read(
	ctx context.Context, lessonID string, h *head, after eventlog.Position,
) (*head, eventlog.Position, error) {
	entries, err := r.p.Logs.Read(ctx, lessonID, after)
	if err != nil {
		return nil, 0, err
	}
	next, last, err := replay(h, entries)
	if err != nil {
		return nil, 0, fault.Wrap(fault.Internal, fmt.Errorf("log of %s: %w", lessonID, err))
	}
	return next, max(last, after), nil
}

// replay applies stored entries. When one cannot be applied, the head before it is returned with the error.
func replay(h *head, entries []eventlog.Entry) (*head, eventlog.Position, error) {
	next, last := &head{state: h.state, events: h.events}, eventlog.Position(0)
	for _, stored := range entries {
		entry, err := codec.DecodeEntry(stored.Data)
		if err != nil {
			return next, last, err
		}
		state, err := lesson.ApplyEntry(next.state, entry)
		if err != nil {
			return next, last, err
		}
		next.state, next.events, last = state, append(next.events, entry.Events...), stored.Position
	}
	return next, last, nil
}

// recover takes up the lessons that nobody writes: our own after a restart, those of an instance that died.
func (r *Registry) recover(ctx context.Context) {
	unfinished, err := r.p.Logs.Unfinished(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.p.Log.Warn("looking for unfinished lessons failed", zap.Error(err))
		}
		return
	}
	for _, id := range unfinished {
		if r.loaded(id) != nil {
			continue
		}
		if _, err := r.Find(ctx, id); err != nil && ctx.Err() == nil {
			r.p.Log.Info("lesson not taken up", zap.String(telemetry.LessonID, id), zap.Error(err))
		}
	}
}
