package relaybench

import (
	"context"
	"math"
	"time"
)

const (
	// near is how far from the wanted number of subscribers is near enough.
	near = 0.05
	// attempts at finding that number: many cost less each than few.
	attempts = 5
)

// RunSteady keeps the relay busy for p.Duration without any loss on the way, and looks for what only time brings: loss,
// late packets, memory and goroutines that grow.
func RunSteady(ctx context.Context, p Params) error {
	return run(ctx, p, "relay-steady", []phase{{"steady load", (*bench).steady}})
}

func (b *bench) steady(ctx context.Context) error {
	relay, err := b.fleet.relayServer(ctx)
	if err != nil {
		return err
	}
	all, err := lecturesOn(ctx, relay, "steady", several)
	if err != nil {
		return err
	}
	defer all.leave()
	delays := &sampler{}
	if err := b.fillToLoad(ctx, all, delays); err != nil {
		return err
	}
	before, err := b.footprint(ctx, relay)
	if err != nil {
		return err
	}
	delays.set(true)
	var sum window
	var delayed []time.Duration
	after := before
	for left := b.params.Duration; left > 0; left -= time.Minute {
		w, err := all.observe(ctx, min(left, time.Minute))
		if err != nil {
			return err
		}
		if after, err = b.footprint(ctx, relay); err != nil {
			return err
		}
		late := delays.delays()
		b.say("%.2f cores, %6.0f packets/s, loss %.6f, p99 %.1f ms, %.1f MB, %.0f goroutines (machine %.0f %% busy)",
			w.cores(), w.packets()/w.lasted.Seconds(), w.loss(), at(99, late), after.residentKB/1024, after.goroutines, 100*w.machine)
		sum, delayed = sum.add(w), append(delayed, late...)
		b.curves.add("steady-delay", "p99", sum.lasted.Minutes(), at(99, late))
		b.curves.add("steady-memory", "relay", sum.lasted.Minutes(), after.residentKB/1024)
	}
	b.steadyFigures(all, sum, delayed, before, after)
	return nil
}

// fillToLoad adds subscribers until the relay uses the share of one processor that is the load. It goes by the cost of a
// packet: what a busy machine leaves to the relay says nothing about it.
func (b *bench) fillToLoad(ctx context.Context, all lectures, delays *sampler) error {
	n := compared
	for range attempts {
		if err := all.resize(ctx, n, delays); err != nil {
			return err
		}
		if err := all.awaitMedia(ctx); err != nil {
			return err
		}
		if err := pause(ctx, b.settle); err != nil {
			return err
		}
		w, err := all.observe(ctx, b.window)
		if err != nil {
			return err
		}
		b.say("%d subscribers: %.2f us/packet, %.2f cores, %.0f %% delivered", n, w.perPacket(), w.cores(), 100*w.delivered())
		wanted := subscribersFor(w.perPacket())
		if math.Abs(float64(wanted-n)) <= near*float64(n) {
			return nil
		}
		n = wanted
	}
	return nil // what it is then is in every figure
}

// footprint is what the relay holds, garbage included.
func (b *bench) footprint(ctx context.Context, s *server) (held, error) {
	kb, err := s.residentKB()
	if err != nil {
		return held{}, err
	}
	g, err := gauges(ctx, s.where.Metrics, "go_goroutines")
	return held{residentKB: kb, goroutines: g["go_goroutines"]}, err
}

func (b *bench) steadyFigures(all lectures, sum window, delays []time.Duration, before, after held) {
	const conditions = "relay, %d subscribers of %d lectures, %.2f cores on average, each %s; %d packets, %.1f %% delivered, %d connections ended; machine %.0f %% busy"
	args := []any{all.viewers(), len(all), sum.cores(), lecture, int(sum.packets()), 100 * sum.delivered(), all.gone(), 100 * sum.machine}
	b.figures.add("steady_loss_ratio", sum.loss(), "ratio", conditions, args...)
	b.figures.add("steady_delivered_ratio", sum.delivered(), "ratio", conditions, args...)
	b.figures.add("steady_p99_ms", at(99, delays), "ms", conditions, args...)
	b.figures.add("steady_rss_growth_mb", (after.residentKB-before.residentKB)/1024, "MB", conditions, args...)
	b.figures.add("steady_goroutines_growth", after.goroutines-before.goroutines, "count", conditions, args...)
	b.figures.add("steady_seconds", sum.lasted.Seconds(), "s", conditions, args...)
}
