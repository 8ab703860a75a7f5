package relaybench

import (
	"context"
	"fmt"

	"github.com/tongke-edu/tongke/services/bench/internal/light"
)

// classroom measures publishers who see each other, and twenty viewers who see all of them.
func (b *bench) classroom(ctx context.Context) error {
	if len(b.publishers) == 0 {
		return nil
	}
	servers, err := b.trio(ctx)
	if err != nil {
		return err
	}
	for _, n := range b.publishers {
		for _, s := range servers {
			w, err := b.stage(ctx, s, n)
			if err != nil {
				return err
			}
			conditions := fmt.Sprintf("%d publishers of 0.6 Mbit/s video and 50 sounds/s who receive each other (5 video, 4 audio slots), %d viewers (6 and 4); "+
				"%.2f cores; machine %.0f %% busy", n, viewers, w.cores(), 100*w.machine)
			b.curves.add("cpu-publishers", s.name, float64(n), w.cores()*100)
			b.curves.add("memory-publishers", s.name, float64(n), w.residentKB/1024)
			if n == b.publishers[len(b.publishers)-1] {
				b.figures.add("classroom_us_per_packet_"+s.name, w.perPacket(), "us", "%s", conditions)
				b.figures.add("classroom_loss_ratio_"+s.name, w.loss(), "ratio", "%s", conditions)
			}
		}
	}
	return nil
}

// stage measures one server with n publishers.
func (b *bench) stage(ctx context.Context, s *server, n int) (window, error) {
	r := newRoom(s, fmt.Sprintf("stage%d", n), n)
	defer r.leave()
	for range n {
		if err := r.publish(ctx, light.Params{AudioSlots: 4, VideoSlots: 5}, light.Layer{Format: cameraFormat}); err != nil {
			return window{}, err
		}
	}
	if err := r.fill(ctx, viewers, light.Params{AudioSlots: 4, VideoSlots: 6}); err != nil {
		return window{}, err
	}
	w, err := measure(ctx, r, b.settle, b.window)
	if err != nil {
		return window{}, err
	}
	b.say("%-8s %d publishers: %6.2f us/packet, %.2f cores, %5.0f packets/s, loss %.4f, %.0f MB (machine %.0f %% busy)",
		s.name, n, w.perPacket(), w.cores(), w.packets()/w.lasted.Seconds(), w.loss(), w.residentKB/1024, 100*w.machine)
	return w, r.close(ctx)
}
