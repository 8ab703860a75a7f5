package relaybench

import (
	"context"
	"errors"
)

// subscribersFor is how many subscribers of a lecture make the load, at so many microseconds per packet.
func subscribersFor(perPacket float64) int {
	const perSecond = 200 // packets to each
	return min(int(load*1e6/(perPacket*perSecond)), mostLoaded)
}

// loaded measures delays with as many subscribers as keep the relay busy for 70 % of a processor. In one lecture a burst
// of its teacher goes to all of them at once; several lectures take turns.
func (b *bench) loaded(ctx context.Context, relay *server, n int, name string) error {
	all, err := lecturesOn(ctx, relay, name, n)
	if err != nil {
		return err
	}
	defer all.leave()
	delays := &sampler{}
	if err := b.fillToLoad(ctx, all, delays); err != nil {
		return err
	}
	delays.set(true)
	w, err := all.observe(ctx, 2*b.window)
	delays.set(false)
	if err != nil {
		return err
	}
	got := delays.delays()
	if len(got) == 0 {
		return errors.New("no packet was checked")
	}
	for _, one := range []struct {
		name string
		p    float64
	}{{"_ms_p50", 50}, {"_ms_p99", 99}} {
		b.figures.add(name+one.name, at(one.p, got), "ms",
			"relay, %d subscribers of %d lectures, %.2f cores, each %s; from the publisher's stamp to the subscriber's socket (kernel time), %d samples, %.0f %% delivered; machine %.0f %% busy",
			all.viewers(), len(all), w.cores(), lecture, len(got), 100*w.delivered(), 100*w.machine)
	}
	b.figures.add(name+"_loaded_loss_ratio", w.loss(), "ratio", "relay, %d subscribers of %d lectures, %.2f cores, %d packets", all.viewers(), len(all), w.cores(), int(w.packets()))
	b.figures.add(name+"_broken_packets", float64(w.audio.Broken+w.video.Broken), "count", "of %d whose content was checked", w.audio.Checked+w.video.Checked)
	return nil
}
