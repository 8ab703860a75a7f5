package eventlog

import (
	"context"
	"errors"
	"os"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
)

const (
	// lookEvery is how often the server's health is looked at, and a failed disk is tried.
	lookEvery = time.Second
	// trialBytes are written and synced before a failed server is started again: less free space would not last.
	trialBytes = 1 << 20
)

// errServerFailed is why a call ended early: the server will not answer it any more.
var errServerFailed error = fault.New(fault.Unavailable, fault.RetryAfter(lookEvery))

// term is the time of one server between start and stop.
type term struct {
	// writing ends when the server takes no more writes; it may still answer reads.
	writing context.Context
	// reading ends when the server stops.
	reading context.Context
	fail    context.CancelCauseFunc
	end     context.CancelCauseFunc
}

func newTerm() *term {
	t := &term{}
	t.reading, t.end = context.WithCancelCause(context.Background())
	t.writing, t.fail = context.WithCancelCause(t.reading)
	return t
}

// keep starts the server again when it has failed, until ctx ends.
//
// After a write error, of a full disk above all, JetStream takes no more writes on that stream, and does not answer
// them either, until the server is started again. What it had acknowledged is on disk, and a new server finds it
// there. So keep waits until the disk takes writes, while the old server answers reads, and then replaces it. Calls
// that the old server cannot answer end with UNAVAILABLE.
func (e *Embedded) keep(ctx context.Context) {
	defer close(e.kept)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		case <-e.suspect:
		}
		if broken := e.broken(); broken != "" {
			e.revive(ctx, broken)
		}
	}
}

// broken says what is wrong with the server; "" when it is well.
func (e *Embedded) broken() string {
	return e.current().Healthz(nil).Error
}

// revive replaces a failed server as soon as the disk takes writes. It returns when that is done or ctx has ended.
func (e *Embedded) revive(ctx context.Context, broken string) {
	began := time.Now()
	log := e.params.Log.With(zap.String("directory", e.params.Dir))
	log.Error("the event log cannot be written; it is tried again until the disk has room", zap.String("cause", broken))
	e.present().fail(errServerFailed)
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		err := tryDisk(e.params.Dir)
		if err == nil {
			if err = e.restart(); err == nil {
				log.Warn("the event log can be written again", zap.Duration("after", time.Since(began)))
				return
			}
			log.Error("starting the event log again failed", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// restart stops the server and starts another on the same directory, behind the same connection.
func (e *Embedded) restart() error {
	e.present().end(errServerFailed)
	stopServer(e.current())
	if err := e.startServer(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.term = newTerm()
	return nil
}

func (e *Embedded) present() *term {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.term
}

// tryDisk writes as the server does, and leaves nothing behind.
func tryDisk(dir string) error {
	f, err := os.CreateTemp(dir, "trial-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, trialBytes))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// writing bounds a call that writes by the server's readiness to do so.
func (e *Embedded) writing(ctx context.Context) (context.Context, context.CancelFunc) {
	if e == nil {
		return context.WithCancel(ctx)
	}
	return both(ctx, e.present().writing)
}

// reading bounds a call that reads by the server's life.
func (e *Embedded) reading(ctx context.Context) (context.Context, context.CancelFunc) {
	if e == nil {
		return context.WithCancel(ctx)
	}
	return both(ctx, e.present().reading)
}

// both ends when either context ends; the cause tells which.
func both(ctx, other context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(other, func() { cancel(context.Cause(other)) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}
