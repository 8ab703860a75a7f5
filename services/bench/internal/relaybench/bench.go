package relaybench

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// Params of a run.
type Params struct {
	// Relay is the path of the relay's binary.
	Relay string
	// Output is the directory of the curves and the page of results.
	Output string
	// Quick measures less, for shorter.
	Quick bool
	// Duration of a steady load.
	Duration time.Duration
	// Only the phases whose names contain it; all when empty.
	Only string
	// Figures gets one JSON line per figure, Progress what goes on.
	Figures, Progress io.Writer
}

// plan is how much is measured.
type plan struct {
	steps          []int // subscribers
	rounds         int   // of the comparison at compared subscribers
	settle, window time.Duration
	singles        int           // joins one after the other
	bursts         int           // of crowd joins at once
	publishers     []int         // of the classroom workload; none leaves it out
	limit          time.Duration // of the whole run
}

const (
	compared = 100 // subscribers at which the relay is compared with Pion
	crowd    = 100 // joins at once
	answers  = 100 // offers whose answers are counted
	viewers  = 20  // of the classroom workload
	// load is the share of one processor at which delays are measured.
	load       = 0.7
	mostLoaded = 700 // subscribers then
)

func (p Params) plan() plan {
	if p.Quick {
		return plan{
			steps: []int{compared}, rounds: 1, settle: time.Second, window: 2 * time.Second,
			singles: 6, bursts: 1, limit: 3 * time.Minute,
		}
	}
	return plan{
		steps: []int{10, 50, compared, 200}, rounds: 2, settle: 1500 * time.Millisecond, window: 5 * time.Second,
		singles: 20, bursts: 3, publishers: []int{1, 3, 6}, limit: 10 * time.Minute,
	}
}

// bench is one run.
type bench struct {
	plan
	params  Params
	fleet   *fleet
	figures *figures
	curves  *curves
	began   time.Time
}

// Run measures forwarding, joining and memory.
func Run(ctx context.Context, p Params) error {
	return run(ctx, p, "relay", []phase{
		{"forwarding to subscribers", (*bench).forwarding},
		{"forwarding between publishers", (*bench).classroom},
		{"memory of listeners", (*bench).idle},
		{"joins", (*bench).joins},
		{"coming and going", (*bench).churn},
		{"answers", (*bench).answering},
	})
}

// phase is a part of a run with servers of its own.
type phase struct {
	name string
	run  func(*bench, context.Context) error
}

func run(ctx context.Context, p Params, name string, phases []phase) error {
	b := &bench{plan: p.plan(), params: p, figures: &figures{out: p.Figures}, curves: newCurves(), began: time.Now()}
	ctx, cancel := context.WithTimeout(ctx, b.limit+p.Duration)
	defer cancel()
	for _, one := range phases {
		if !strings.Contains(one.name, p.Only) {
			continue
		}
		b.say("%s", one.name)
		if err := b.phase(ctx, one); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	page, err := b.write(name)
	if err != nil {
		return err
	}
	b.say("results in %s", page)
	return nil
}

// phase runs one phase and ends its servers.
func (b *bench) phase(ctx context.Context, p phase) error {
	var err error
	if b.fleet, err = newFleet(b.params.Relay); err != nil {
		return err
	}
	defer b.fleet.stop()
	return p.run(b, ctx)
}

// say tells what goes on.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.params.Progress, "%5.1fs  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}

// trio starts the relay and both servers of Pion.
func (b *bench) trio(ctx context.Context) ([]*server, error) {
	relay, err := b.fleet.relayServer(ctx)
	if err != nil {
		return nil, err
	}
	cm, err := b.fleet.pionServer(ctx, "cm", false)
	if err != nil {
		return nil, err
	}
	gcm, err := b.fleet.pionServer(ctx, "gcm", false)
	return []*server{relay, cm, gcm}, err
}
