package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/classroom/internal/codec"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// storeAttempts bounds how often one command is stored again after the log moved or did not answer.
const storeAttempts = 4

// reclaimPause is the wait between attempts to get a lost lease back while no command asks for it.
const reclaimPause = 250 * time.Millisecond

// errFenced says that another instance writes this lesson now.
var errFenced = errors.New("another instance writes this lesson")

// writer is the right to write one lesson and the end of its log. It belongs to the session's loop.
type writer struct {
	s        *Session
	ctx      context.Context
	lease    *eventlog.Lease
	position eventlog.Position
	// unsure is true after a store that may have succeeded or not: the log must be read before the next one.
	unsure bool
	// lapsed is true while the lease is lost and storage does not give it back.
	lapsed bool
	// fenced is set for good when somebody else writes.
	fenced error
}

// commit decides a command and stores what it leads to. When storing fails the log is read again and the command is
// decided anew: either its key is found, or nothing of it was stored.
func (w *writer) commit(ctx context.Context, c lesson.Command) (lesson.Decision, error) {
	for attempt := 1; ; attempt++ {
		if err := w.ready(); err != nil {
			w.count("failed")
			return lesson.Decision{}, err
		}
		decision, err := lesson.Decide(w.s.State(), c, w.s.p.Now())
		if err != nil {
			w.count("refused")
			return lesson.Decision{}, err
		}
		if decision.Entry.Empty() {
			w.count("unchanged")
			return decision, nil
		}
		if err = w.store(decision.Entry); err == nil {
			w.count("stored")
			w.advance(decision.Next, decision.Entry.Events)
			return decision, nil
		}
		w.unsure = true
		w.s.log.Warn("storing an entry failed", zap.String("command", c.Do.Name()), zap.Int("attempt", attempt), zap.Error(err))
		if attempt == storeAttempts || ctx.Err() != nil {
			w.count("failed")
			return lesson.Decision{}, fault.Wrap(fault.Unavailable, err, fault.RetryAfter(time.Second))
		}
	}
}

// ready makes sure that this instance holds the lease and knows the whole log.
func (w *writer) ready() error {
	if w.fenced == nil && lost(w.lease) {
		if err := w.reclaim(); err != nil {
			w.s.log.Warn("reclaiming the lease failed", zap.Error(err))
			return fault.Wrap(fault.Unavailable, err, fault.RetryAfter(time.Second))
		}
	}
	if w.fenced == nil && w.unsure {
		if err := w.catchUp(); err != nil {
			w.s.log.Warn("reading the log again failed", zap.Error(err))
			return fault.Wrap(fault.Unavailable, err, fault.RetryAfter(time.Second))
		}
	}
	if w.fenced != nil {
		return fault.Wrap(fault.Unavailable, w.fenced, fault.RetryAfter(time.Second))
	}
	return nil
}

// store appends an entry. It is not cut short by the end of the session: an append that was begun is waited for.
func (w *writer) store(entry lesson.Entry) error {
	data, err := codec.EncodeEntry(entry)
	if err != nil {
		return err
	}
	begun := time.Now()
	position, err := w.s.p.Logs.Append(context.WithoutCancel(w.ctx), w.s.id, w.position, eventlog.Entry{
		Epoch: w.lease.Epoch(), Data: data, Final: entry.Final(),
	})
	if err != nil {
		return err
	}
	w.s.p.Metrics.append.Observe(time.Since(begun).Seconds())
	w.position = position
	return nil
}

// advance publishes what was stored.
func (w *writer) advance(next *lesson.State, events []lesson.Event) {
	h := w.s.head.Load()
	w.s.publish(&head{state: next, events: append(h.events, events...), epoch: w.lease.Epoch()})
}

// catchUp reads what the log has behind the known position. Entries of a later epoch mean that this writer is fenced.
func (w *writer) catchUp() error {
	entries, err := w.s.p.Logs.Read(w.ctx, w.s.id, w.position)
	if err != nil {
		return err
	}
	for _, stored := range entries {
		entry, err := codec.DecodeEntry(stored.Data)
		if err != nil {
			return err
		}
		next, err := lesson.ApplyEntry(w.s.State(), entry)
		if err != nil {
			return fmt.Errorf("log of %s: %w", w.s.id, err)
		}
		w.position = stored.Position
		if stored.Epoch > w.lease.Epoch() {
			w.fenced = errFenced
		}
		w.advance(next, entry.Events)
	}
	w.unsure = false
	return nil
}

// reclaim gets a lost lease back, unless the log shows another writer or another instance holds the lease. While
// storage does not answer it fails, so that commands are told; the loop tries again.
func (w *writer) reclaim() error {
	w.unsure, w.lapsed = true, true
	err := w.catchUp()
	if err != nil || w.fenced != nil {
		return err
	}
	lease, err := w.s.p.Logs.Acquire(w.ctx, w.s.id, w.s.p.Holder, w.s.p.Config.LeaseTTL)
	switch {
	case err == nil:
		w.lease, w.unsure, w.lapsed = lease, true, false // somebody may have written before we had it
		w.s.log.Info("lease reclaimed", zap.Uint64("epoch", lease.Epoch()))
		return nil
	case fault.ReasonOf(err) == fault.Conflict:
		w.fenced = fmt.Errorf("%w: %w", errFenced, err)
		return nil
	default:
		return err
	}
}

// losing is closed when the lease is lost; nil while that is known.
func (w *writer) losing() <-chan struct{} {
	if w.lapsed {
		return nil
	}
	return w.lease.Lost()
}

func (w *writer) count(outcome string) { w.s.p.Metrics.commands.WithLabelValues(outcome).Inc() }

func lost(l *eventlog.Lease) bool {
	select {
	case <-l.Lost():
		return true
	default:
		return false
	}
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
