package relaybench

import (
	"context"

	"github.com/tongke-edu/tongke/services/bench/internal/light"
)

// comings is how many come, see something and go, a crowd at a time; the first lots before them fill pools and tables.
const comings, firstLots = 2000, 4

// churn measures what is left of those who came and went.
func (b *bench) churn(ctx context.Context) error {
	relay, err := b.fleet.relayServer(ctx)
	if err != nil {
		return err
	}
	r := newRoom(relay, "churn", 1)
	defer r.leave()
	if err := r.publish(ctx, listener(), light.Layer{Format: lectureFormat}); err != nil {
		return err
	}
	if err := comeAndGo(ctx, r, firstLots); err != nil {
		return err
	}
	before, err := b.holds(ctx, r, 0)
	if err != nil {
		return err
	}
	if err := comeAndGo(ctx, r, comings/crowd); err != nil {
		return err
	}
	after, err := b.holds(ctx, r, 0)
	if err != nil {
		return err
	}
	const conditions = "after %d joins and leaves, %d at once, beside a teacher who publishes; %s"
	b.figures.add("churn_live_kb", after.liveKB-before.liveKB, "kB", conditions, comings, crowd, "Go heap and stacks in use after a collection")
	b.figures.add("churn_rss_kb", after.residentKB-before.residentKB, "kB", conditions, comings, crowd, "VmRSS, collection of garbage left to the runtime")
	b.figures.add("churn_goroutines", after.goroutines-before.goroutines, "count", conditions, comings, crowd, "go_goroutines")
	return nil
}

// comeAndGo lets so many crowds join, wait for media and leave.
func comeAndGo(ctx context.Context, r *room, lots int) error {
	for range lots {
		if err := r.fill(ctx, crowd, listener()); err != nil {
			return err
		}
		if err := r.awaitMedia(ctx); err != nil {
			return err
		}
		r.empty()
	}
	return nil
}
