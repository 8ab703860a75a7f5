package relaybench

import (
	"context"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/services/bench/internal/light"
)

// window is what one server did for one room in some seconds.
type window struct {
	audio, video light.Counts
	used         time.Duration // processor time of the server
	sent         uint64        // packets of the publishers, times those who view
	lasted       time.Duration
	machine      float64 // share of all processors that was busy, 0..1
	residentKB   float64
	allocs       float64 // objects that the server put on its heap
}

// packets is how many reached a participant.
func (w window) packets() float64 {
	return float64(w.audio.Packets + w.audio.Repeated + w.video.Packets + w.video.Repeated)
}

// perPacket is the server's processor time of a forwarded packet in microseconds, delivery over loopback included.
func (w window) perPacket() float64 {
	return float64(w.used) / float64(time.Microsecond) / w.packets()
}

// allocsPerPacket is how many objects the whole server put on its heap, by forwarded packets.
func (w window) allocsPerPacket() float64 { return w.allocs / w.packets() }

// cores is how many processors the server kept busy.
func (w window) cores() float64 { return float64(w.used) / float64(w.lasted) }

// delivered is the share of what the publishers of a lecture sent that has reached the viewers so far. Less than 1
// without loss means that the server lags behind.
func (w window) delivered() float64 { return w.packets() / float64(max(1, w.sent)) }

// loss is the share of packets that did not arrive, 0..1.
func (w window) loss() float64 {
	c := w.audio.Add(w.video)
	if c.Expected == 0 {
		return 0
	}
	return max(0, 1-float64(c.Packets)/float64(c.Expected))
}

// add joins two windows.
func (w window) add(o window) window {
	return window{
		audio: w.audio.Add(o.audio), video: w.video.Add(o.video), used: w.used + o.used, sent: w.sent + o.sent, lasted: w.lasted + o.lasted,
		machine: (w.machine*float64(w.lasted) + o.machine*float64(o.lasted)) / float64(w.lasted+o.lasted), residentKB: o.residentKB,
		allocs: w.allocs + o.allocs,
	}
}

// measure lets a room's publishers send, waits until it runs evenly, and watches for so long.
func measure(ctx context.Context, r *room, settle, lasting time.Duration) (window, error) {
	r.sending(true)
	defer r.sending(false)
	if err := r.awaitMedia(ctx); err != nil {
		return window{}, err
	}
	if err := pause(ctx, settle); err != nil {
		return window{}, err
	}
	var w window
	allocs, err := r.server.allocations(ctx, func() (err error) {
		w, err = lectures{r}.observe(ctx, lasting)
		return err
	})
	w.allocs = allocs
	return w, err
}

// pause waits: time is what a measurement is made of.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sampler collects how long packets were under way, while it is open.
type sampler struct {
	mu      sync.Mutex
	open    bool
	samples []time.Duration
}

func (s *sampler) take(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		s.samples = append(s.samples, d)
	}
}

func (s *sampler) set(open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = open
}

// delays are those since the last call.
func (s *sampler) delays() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	samples := s.samples
	s.samples = nil
	return samples
}
