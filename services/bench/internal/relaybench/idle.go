package relaybench

import (
	"context"
	"io"
	"net/http"
)

const fewListeners, manyListeners = 10, 110

// held is what a server holds at a moment.
type held struct{ residentKB, liveKB, goroutines float64 }

// idle measures what a listener costs a server while nobody sends.
func (b *bench) idle(ctx context.Context) error {
	servers, err := b.trio(ctx)
	if err != nil {
		return err
	}
	for i, s := range []*server{servers[0], servers[2]} {
		r := newRoom(s, "idle", 1)
		defer r.leave()
		few, err := b.holds(ctx, r, fewListeners)
		if err != nil {
			return err
		}
		many, err := b.holds(ctx, r, manyListeners)
		if err != nil {
			return err
		}
		prefix := []string{"", "plain_pion_"}[i]
		const n = manyListeners - fewListeners
		const conditions = "slope between %d and %d idle listeners of 4 audio and 2 video slots with both data channels; %s"
		b.figures.add(prefix+"rss_kb_per_subscriber", (many.residentKB-few.residentKB)/n, "kB", conditions, fewListeners, manyListeners, "VmRSS, collection of garbage left to the runtime")
		b.figures.add(prefix+"live_kb_per_subscriber", (many.liveKB-few.liveKB)/n, "kB", conditions, fewListeners, manyListeners, "Go heap and stacks in use after a collection")
		b.figures.add(prefix+"goroutines_per_subscriber", (many.goroutines-few.goroutines)/n, "count", conditions, fewListeners, manyListeners, "go_goroutines")
	}
	return nil
}

// holds fills a room with listeners and reads the server's memory.
func (b *bench) holds(ctx context.Context, r *room, n int) (held, error) {
	if err := r.fill(ctx, n, listener()); err != nil {
		return held{}, err
	}
	if err := pause(ctx, 2*b.settle); err != nil {
		return held{}, err
	}
	var out held
	var err error
	if out.residentKB, err = r.server.residentKB(); err != nil {
		return held{}, err
	}
	if err := collect(ctx, r.server.where.Metrics); err != nil {
		return held{}, err
	}
	g, err := gauges(ctx, r.server.where.Metrics, "go_goroutines", "go_memstats_heap_alloc_bytes", "go_memstats_stack_inuse_bytes")
	if err != nil {
		return held{}, err
	}
	out.goroutines = g["go_goroutines"]
	out.liveKB = (g["go_memstats_heap_alloc_bytes"] + g["go_memstats_stack_inuse_bytes"]) / 1024
	b.say("%-8s %3d listeners: %.0f kB resident, %.0f kB live, %.0f goroutines", r.server.name, n, out.residentKB, out.liveKB, out.goroutines)
	return out, nil
}

// collect makes a server collect its garbage, by the page of its heap.
func collect(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/debug/pprof/heap?gc=1", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return err
}
