package relaybench

import (
	"context"
	"math"
	"time"

	"github.com/tongke-edu/tongke/pkg/impair"
)

const (
	wide, narrow = 3_000_000, 500_000 // bit/s
	bin          = 500 * time.Millisecond
	// How long the link is wide, then narrow, then wide again, in windows.
	wideBefore, narrowFor, wideAfter = 1, 2, 3
)

// narrowing follows one viewer of each server over a link of 3, then 0.5, then again 3 Mbit/s.
func (b *bench) narrowing(ctx context.Context) error {
	servers, err := b.pair(ctx)
	if err != nil {
		return err
	}
	conditions := func(rate int64) impair.Conditions { return impair.Conditions{Delay: oneWay, Rate: rate} }
	var proxies [2]*impair.UDP
	var rooms [2]*room
	for i, s := range servers {
		r := newRoom(s, "narrow", 1)
		defer r.leave()
		if err := r.publish(ctx, listener(), simulcast...); err != nil {
			return err
		}
		if proxies[i], err = newLink(s, conditions(wide)); err != nil {
			return err
		}
		defer proxies[i].Close()
		p := checked()
		p.Through = proxies[i].Addr()
		if err := r.fill(ctx, 1, p); err != nil {
			return err
		}
		rooms[i] = r
	}
	if err := pause(ctx, b.window); err != nil { // until the start is over
		return err
	}
	var bins [2][]float64 // offered to the link, bit/s
	watch := func(lasting time.Duration) error { return offered(ctx, proxies, lasting, &bins) }
	if err := watch(wideBefore * b.window); err != nil {
		return err
	}
	var before, after [2]heard
	for i, p := range proxies {
		p.Set(impair.Down, conditions(narrow))
		before[i] = heard{rooms[i].counts(true), rooms[i].counts(false)}
	}
	if err := watch(narrowFor * b.window); err != nil {
		return err
	}
	for i, p := range proxies {
		after[i] = heard{rooms[i].counts(true), rooms[i].counts(false)}
		p.Set(impair.Down, conditions(wide))
	}
	if err := watch(wideAfter * b.window); err != nil {
		return err
	}
	for i := range rooms {
		b.capFigures(i, rooms[i].server.name, bins[i], before[i], after[i])
	}
	return nil
}

// offered adds the rates at which the servers send, bin by bin.
func offered(ctx context.Context, proxies [2]*impair.UDP, lasting time.Duration, into *[2][]float64) error {
	last := [2]uint64{proxies[0].Stats(impair.Down).Offered, proxies[1].Stats(impair.Down).Offered}
	began := time.Now()
	for end := began.Add(bin); end.Sub(began) <= lasting; end = end.Add(bin) {
		if err := pause(ctx, time.Until(end)); err != nil {
			return err
		}
		for i, p := range proxies {
			now := p.Stats(impair.Down).Offered
			into[i] = append(into[i], float64(now-last[i])*8/bin.Seconds())
			last[i] = now
		}
	}
	return nil
}

func (b *bench) capFigures(server int, name string, bins []float64, before, after heard) {
	prefix := prefixes[server]
	step, end := int(wideBefore*b.window/bin), int((wideBefore+narrowFor)*b.window/bin)
	usual := mean(bins[:step])
	lasting := narrowFor * b.window.Seconds()
	const conditions = "link of 3 Mbit/s, then 0.5 for %.0f s, then 3 again; round trip 60 ms; simulcast camera; %.2f Mbit/s before"
	b.figures.add(prefix+"cap_under_s", firstBin(bins[step:end], func(rate float64) bool { return rate <= 1.05*narrow }), "s",
		"from the step until what is sent fits; "+conditions, lasting, usual/1e6)
	b.figures.add(prefix+"cap_back_s", firstBin(bins[end:], func(rate float64) bool { return rate >= 0.8*usual }), "s",
		"from the end until 80 %% of the rate before; "+conditions, lasting, usual/1e6)
	audio, video := after.audio.Sub(before.audio), after.video.Sub(before.video)
	b.figures.add(prefix+"cap_audio_loss_ratio", max(0, 1-float64(audio.Packets)/(50*lasting)), "ratio", "of 50 sounds/s while narrow; "+conditions, lasting, usual/1e6)
	b.figures.add(prefix+"cap_frames_per_second", float64(video.Frames)/lasting, "1/s", "decodable while narrow, %d freezes; "+conditions, video.Freezes, lasting, usual/1e6)
	for i, rate := range bins {
		b.curves.add("cap-rate", name, float64(i+1)*bin.Seconds(), rate/1e6)
	}
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(max(1, len(values)))
}

// firstBin is the time until the end of the first bin that is as wanted; not a number when none is.
func firstBin(bins []float64, ok func(float64) bool) float64 {
	for i, rate := range bins {
		if ok(rate) {
			return float64(i+1) * bin.Seconds()
		}
	}
	return math.NaN()
}
