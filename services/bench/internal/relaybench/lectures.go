package relaybench

import (
	"context"
	"fmt"
	"time"

	"github.com/tongke-edu/tongke/services/bench/internal/light"
)

// several is how many lectures share a relay that is busy: few relays carry one lesson alone.
const several = 4

// lectures are rooms on one server, with one publisher each.
type lectures []*room

// lecturesOn opens so many lectures.
func lecturesOn(ctx context.Context, s *server, name string, n int) (lectures, error) {
	var all lectures
	for i := range n {
		r := newRoom(s, fmt.Sprintf("%s%d", name, i), 1)
		all = append(all, r)
		if err := r.publish(ctx, listener(), light.Layer{Format: lectureFormat}); err != nil {
			all.leave()
			return nil, err
		}
	}
	return all, nil
}

// resize spreads n viewers evenly.
func (l lectures) resize(ctx context.Context, n int, delays *sampler) error {
	for i, r := range l {
		if err := r.resize(ctx, n*(i+1)/len(l)-n*i/len(l), delays); err != nil {
			return err
		}
	}
	return nil
}

func (l lectures) awaitMedia(ctx context.Context) error {
	for _, r := range l {
		if err := r.awaitMedia(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l lectures) leave() {
	for _, r := range l {
		r.leave()
	}
}

// viewers is how many there are in all.
func (l lectures) viewers() (n int) {
	for _, r := range l {
		n += len(r.viewers)
	}
	return n
}

// gone is how many viewers the server has let go.
func (l lectures) gone() (n int) {
	for _, r := range l {
		n += r.gone()
	}
	return n
}

// counts sums what viewers and publishers have received, and how many packets were meant for viewers.
func (l lectures) counts() (audio, video light.Counts, meant uint64) {
	for _, r := range l {
		audio, video = audio.Add(r.counts(true)), video.Add(r.counts(false))
		meant += r.sent() * uint64(len(r.viewers))
	}
	return audio, video, meant
}

// observe watches rooms that run evenly, and whose viewers stay.
func (l lectures) observe(ctx context.Context, lasting time.Duration) (window, error) {
	server := l[0].server
	audio, video, meant := l.counts()
	began := time.Now()
	used, err := server.cpu()
	if err != nil {
		return window{}, err
	}
	busy, total, err := machineTime()
	if err != nil {
		return window{}, err
	}
	if err := pause(ctx, lasting); err != nil {
		return window{}, err
	}
	for _, r := range l {
		if err := r.stillPublishes(); err != nil {
			return window{}, err
		}
	}
	after, err := server.cpu()
	if err != nil {
		return window{}, err
	}
	w := window{used: after - used, lasted: time.Since(began)}
	w.audio, w.video, w.sent = l.counts()
	w.audio, w.video, w.sent = w.audio.Sub(audio), w.video.Sub(video), w.sent-meant
	busyAfter, totalAfter, err := machineTime()
	if err != nil {
		return window{}, err
	}
	w.machine = float64(busyAfter-busy) / max(1, float64(totalAfter-total))
	w.residentKB, err = server.residentKB()
	return w, err
}
