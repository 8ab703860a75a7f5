package eventlog

import (
	"context"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// Lease is the right to write one log, held until it is released or lost.
// It renews itself at a third of its ttl.
type Lease struct {
	epoch  uint64
	ttl    time.Duration
	tenure tenure

	lost   chan struct{}
	cancel context.CancelFunc
	done   chan struct{} // closed when the renewing goroutine has ended

	release sync.Once
	err     error
}

// tenure is one holding of a lease in its storage.
type tenure interface {
	// renew prolongs the tenure by its ttl; it fails with CONFLICT when the tenure is over.
	renew(ctx context.Context) error
	// release ends the tenure; it does nothing when the tenure is over already.
	release(ctx context.Context) error
}

// newLease keeps a tenure alive that began at the given time, or a little later.
func newLease(epoch uint64, ttl time.Duration, began time.Time, t tenure) *Lease {
	ctx, cancel := context.WithCancel(context.Background())
	l := &Lease{
		epoch: epoch, ttl: ttl, tenure: t,
		lost: make(chan struct{}), cancel: cancel, done: make(chan struct{}),
	}
	go l.keep(ctx, began)
	return l
}

// Epoch is higher than that of every earlier lease of the same log.
func (l *Lease) Epoch() uint64 { return l.epoch }

// Lost is closed when the lease was taken, or could not be renewed before it ran out.
// It stays open when the lease is released.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Release ends the lease so that anyone may acquire it at once. Calling it again, or after the loss, changes nothing.
func (l *Lease) Release(ctx context.Context) error {
	l.release.Do(func() {
		l.cancel()
		<-l.done
		l.err = l.tenure.release(ctx)
	})
	return l.err
}

// keep renews until the lease is released or lost.
func (l *Lease) keep(ctx context.Context, began time.Time) {
	defer close(l.done)
	ticker := time.NewTicker(l.ttl / 3)
	defer ticker.Stop()
	// The storage counts from when the renewal reached it, so counting from before it was sent is on the safe side.
	ends := began.Add(l.ttl)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		sent := time.Now()
		attempt, cancel := context.WithDeadline(ctx, ends)
		err := l.tenure.renew(attempt)
		cancel()
		switch {
		case err == nil:
			ends = sent.Add(l.ttl)
		case ctx.Err() != nil:
			return
		case fault.ReasonOf(err) == fault.Conflict || !time.Now().Before(ends):
			close(l.lost)
			return
		}
	}
}
