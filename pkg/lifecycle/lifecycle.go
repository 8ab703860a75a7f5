// Package lifecycle starts the named parts of a process in order and stops them in reverse, and keeps count of work
// that outlives the request that asked for it.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
)

// Part is something that a process consists of. Start returns when the part is up; Stop returns when all its
// goroutines have ended, and hurries when ctx ends. Either may be nil.
type Part struct {
	Name  string
	Start func(ctx context.Context) error
	Stop  func(ctx context.Context) error
}

// Group runs parts together. Add all parts before Run; a Group runs once.
type Group struct {
	log    *zap.Logger
	parts  []Part
	failed chan error
}

// NewGroup returns an empty group.
func NewGroup(log *zap.Logger) *Group { return &Group{log: log, failed: make(chan error, 1)} }

// Add appends a part.
func (g *Group) Add(p Part) { g.parts = append(g.parts, p) }

// AddRunner appends a part that works until its context ends. When it returns earlier, the whole group stops. One that
// does not end in time is reported and left behind: a process that is told to stop ends.
func (g *Group) AddRunner(name string, run func(ctx context.Context) error) {
	var cancel context.CancelFunc
	done := make(chan struct{})
	g.Add(Part{
		Name: name,
		Start: func(ctx context.Context) error {
			// The runner outlives the start, and ends when its turn to stop comes.
			ctx, cancel = context.WithCancel(context.WithoutCancel(ctx))
			go func() {
				defer close(done)
				err := run(ctx)
				if ctx.Err() == nil {
					g.fail(fmt.Errorf("%s ended: %w", name, orUnexpected(err)))
				} else if err != nil && !errors.Is(err, context.Canceled) {
					g.log.Warn("part stopped badly", zap.String("part", name), zap.Error(err))
				}
			}()
			return nil
		},
		Stop: func(ctx context.Context) error {
			cancel()
			select {
			case <-done:
				return nil
			case <-ctx.Done():
			}
			select {
			case <-done: // it ended just then, or was the last of several that took all the time
				return nil
			case <-time.After(lastChance):
				return errStillRuns
			}
		},
	})
}

// lastChance is how long a runner is waited for once the time to stop is over: parts that are stopped late get it too.
const lastChance = time.Second

var (
	errUnexpectedEnd = errors.New("nobody asked it to")
	errStillRuns     = errors.New("it still runs")
)

func orUnexpected(err error) error {
	if err == nil {
		return errUnexpectedEnd
	}
	return err
}

func (g *Group) fail(err error) {
	select {
	case g.failed <- err:
	default: // the first failure stops the group; the rest follow from it
	}
}

// Run starts the parts in order, calls ready (which may be nil), waits until ctx ends or a runner fails, and stops the
// started parts in reverse order within grace. It returns the first failure, or nil when ctx ended it.
func (g *Group) Run(ctx context.Context, grace time.Duration, ready func()) error {
	started, err := g.start(ctx)
	if err == nil {
		if ready != nil && ctx.Err() == nil {
			ready()
		}
		select {
		case <-ctx.Done():
		case err = <-g.failed:
		}
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return errors.Join(err, g.stop(stopping, started))
}

func (g *Group) start(ctx context.Context) ([]Part, error) {
	for i, p := range g.parts {
		select {
		case <-ctx.Done():
			return g.parts[:i], nil // asked to stop while starting: no error
		default:
		}
		if p.Start == nil {
			continue
		}
		begin := time.Now()
		if err := p.Start(ctx); err != nil {
			return g.parts[:i], fmt.Errorf("start %s: %w", p.Name, err)
		}
		g.log.Debug("started", zap.String("part", p.Name), zap.Duration("took", time.Since(begin)))
	}
	return g.parts, nil
}

func (g *Group) stop(ctx context.Context, parts []Part) error {
	var errs []error
	for _, p := range slices.Backward(parts) {
		if p.Stop == nil {
			continue
		}
		begin := time.Now()
		if err := p.Stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", p.Name, err))
		}
		g.log.Debug("stopped", zap.String("part", p.Name), zap.Duration("took", time.Since(begin)))
	}
	return errors.Join(errs...)
}

// Drain counts work that outlives its request. Close waits for it.
type Drain struct {
	mu      sync.Mutex
	closed  bool
	work    sync.WaitGroup
	ctx     context.Context // ends when Close loses patience
	cancel  context.CancelFunc
	timeout time.Duration
}

// NewDrain returns a drain whose pieces of work may each take timeout.
func NewDrain(timeout time.Duration) *Drain {
	ctx, cancel := context.WithCancel(context.Background())
	return &Drain{ctx: ctx, cancel: cancel, timeout: timeout}
}

// Go runs work in a goroutine with the values of ctx but not its end. It returns false, and runs nothing, after Close.
func (d *Drain) Go(ctx context.Context, work func(ctx context.Context)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.timeout)
		defer cancel()
		defer context.AfterFunc(d.ctx, cancel)()
		work(ctx)
	})
	return true
}

// Close refuses new work, waits for what runs, and cancels it when ctx ends. It returns when all has ended.
func (d *Drain) Close(ctx context.Context) {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	defer d.cancel()
	defer context.AfterFunc(ctx, d.cancel)()
	d.work.Wait()
}
