package relaybench

import (
	"context"
	"fmt"
	"math"
	"os"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/services/bench/internal/light"
	"github.com/tongke-edu/tongke/services/bench/internal/stats"
)

// joined is when the first packet and the first whole keyframe of a join came, from before its offer.
type joined struct{ media, frame []time.Duration }

// joins measures how soon somebody sees something, alone and among a hundred.
func (b *bench) joins(ctx context.Context) error {
	servers, err := b.trio(ctx)
	if err != nil {
		return err
	}
	for i, s := range []*server{servers[0], servers[2]} {
		r := newRoom(s, "joins", 1)
		defer r.leave()
		if err := r.publish(ctx, listener(), light.Layer{Format: lectureFormat}); err != nil {
			return err
		}
		prefix := []string{"", "plain_pion_"}[i]
		if err := b.single(ctx, r, prefix); err != nil {
			return err
		}
		if err := b.crowd(ctx, r, prefix); err != nil {
			return err
		}
	}
	return nil
}

// single joins one after the other.
func (b *bench) single(ctx context.Context, r *room, prefix string) error {
	var all joined
	for i := range b.singles {
		if err := r.watch(ctx, fmt.Sprintf("single%d", i), &all, &sync.Mutex{}, nil); err != nil {
			return err
		}
	}
	b.figures.add(prefix+"join_first_packet_ms", at(50, all.media), "ms", "median of %d joins one after the other, from before the offer", b.singles)
	b.figures.add(prefix+"join_first_frame_ms", at(50, all.frame), "ms", "first whole keyframe of the same joins")
	return nil
}

// crowd joins all at once, some times over; the figures are medians of the bursts.
func (b *bench) crowd(ctx context.Context, r *room, prefix string) error {
	var media, frame, failed, used, own []float64
	for burst := range b.bursts {
		var all joined
		var mu sync.Mutex
		var wg sync.WaitGroup
		var errs []error
		stay := make(chan struct{})
		server, self, err := processors(r.server)
		if err != nil {
			return err
		}
		for i := range crowd {
			wg.Go(func() {
				if err := r.watch(ctx, fmt.Sprintf("burst%d-%d", burst, i), &all, &mu, stay); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			})
		}
		if err := pause(ctx, 2*time.Second); err != nil {
			return err
		}
		serverAfter, selfAfter, err := processors(r.server)
		if err != nil {
			return err
		}
		used = append(used, stats.Milliseconds(serverAfter-server)/crowd)
		own = append(own, stats.Milliseconds(selfAfter-self)/crowd)
		close(stay)
		wg.Wait()
		media = append(media, math.Round(at(95, all.media)))
		frame = append(frame, math.Round(at(95, all.frame)))
		failed = append(failed, float64(len(errs)))
		b.say("%-8s %d joins at once: first packet p95 %.0f ms, first keyframe p95 %.0f ms, %d failed", r.server.name, crowd, media[burst], frame[burst], len(errs))
		if len(errs) > 0 {
			b.say("%-8s the first failure: %v%s", r.server.name, errs[0], r.server.log)
			if err := r.stillPublishes(); err != nil {
				return err // nobody could see anything from now on
			}
		}
		if err := pause(ctx, time.Second); err != nil { // those who left are gone
			return err
		}
	}
	b.figures.add(prefix+"join_first_packet_ms_p95_of_100", stats.Percentile(media, 50), "ms", "%d joins at once, median of %d bursts %v", crowd, b.bursts, media)
	b.figures.add(prefix+"join_first_frame_ms_p95_of_100", stats.Percentile(frame, 50), "ms", "%d joins at once, median of %d bursts %v", crowd, b.bursts, frame)
	b.figures.add(prefix+"join_cpu_ms", stats.Percentile(used, 50), "ms", "server CPU for each of %d joins at once in the first 2 s, media to them included; the clients' own: %.1f ms", crowd, stats.Percentile(own, 50))
	b.figures.add(prefix+"join_failed_of_100", stats.Percentile(failed, 100), "count", "worst of %d bursts", b.bursts)
	return nil
}

// processors is what a server and this process have used so far.
func processors(s *server) (server, self time.Duration, err error) {
	if server, err = s.cpu(); err != nil {
		return 0, 0, err
	}
	self, err = cpuTime(os.Getpid())
	return server, self, err
}

// watch joins, waits for a picture, notes when it came, and leaves when stay is closed, or at once without it.
func (r *room) watch(ctx context.Context, name string, into *joined, mu *sync.Mutex, stay <-chan struct{}) error {
	c, err := r.join(ctx, name, listener())
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	media, err := c.AwaitMedia(ctx)
	if err != nil {
		return err
	}
	frame, err := c.AwaitFrame(ctx)
	if err != nil {
		return err
	}
	mu.Lock()
	into.media, into.frame = append(into.media, media), append(into.frame, frame)
	mu.Unlock()
	if stay != nil {
		<-stay
	}
	return nil
}

// answering measures the processor time of answers, without any media.
func (b *bench) answering(ctx context.Context) error {
	servers, err := b.trio(ctx)
	if err != nil {
		return err
	}
	for i, s := range []*server{servers[0], servers[2]} {
		r := newRoom(s, "answers", 1)
		before, err := s.cpu()
		if err != nil {
			return err
		}
		for n := range answers {
			if _, err := r.exchange(fmt.Sprintf("p%d", n))(ctx, light.Offer(4, 2)); err != nil {
				return err
			}
		}
		after, err := s.cpu()
		if err != nil {
			return err
		}
		b.figures.add([]string{"", "plain_pion_"}[i]+"answer_cpu_ms", stats.Milliseconds(after-before)/answers, "ms",
			"server CPU of %d Connect calls with offers of 4 audio and 2 video slots, gRPC included", answers)
		if err := r.close(ctx); err != nil {
			return err
		}
	}
	return nil
}
