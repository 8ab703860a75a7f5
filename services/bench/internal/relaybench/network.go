package relaybench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/pkg/impair"
	"github.com/tongke-edu/tongke/services/bench/internal/light"
)

const (
	// oneWay is half of a round trip of 60 ms.
	oneWay = 30 * time.Millisecond
	// inRow is the mean length of a burst of lost packets.
	inRow = 4
	// perLink is how many viewers share the conditions of a link.
	perLink = 3
)

// RunNetwork measures what is left of a lesson on bad networks.
func RunNetwork(ctx context.Context, p Params) error {
	return run(ctx, p, "relay-network", []phase{
		{"loss", (*bench).loss},
		{"joins at 20 % loss", (*bench).lossyJoins},
		{"a link that narrows", (*bench).narrowing},
	})
}

// pair starts the relay and a server of Pion behind whose port an impairer can stand.
func (b *bench) pair(ctx context.Context) ([]*server, error) {
	relay, err := b.fleet.relayServer(ctx)
	if err != nil {
		return nil, err
	}
	pion, err := b.fleet.pionServer(ctx, "gcm", true)
	return []*server{relay, pion}, err
}

// prefixes of the figures of a pair.
var prefixes = []string{"", "plain_pion_"}

// link is an impairer in front of a server.
type link struct {
	loss   float64
	bursts bool
	proxy  *impair.UDP
	room   *room // those who are behind it
}

func (l link) name() string {
	if l.bursts {
		return "bursts"
	}
	return "random"
}

// newLink puts conditions, the same in both directions, in front of a server.
func newLink(s *server, c impair.Conditions) (*impair.UDP, error) {
	return impair.NewUDP(impair.Params{Target: s.where.Media, Seed: 1, Up: c, Down: c})
}

// checked is a viewer who asks for what is lost and plays every frame.
func checked() light.Params {
	p := listener()
	p.NACK, p.Thorough = true, true
	return p
}

// loss measures repair on links that lose packets, both servers and all links at the same time.
func (b *bench) loss(ctx context.Context) error {
	servers, err := b.pair(ctx)
	if err != nil {
		return err
	}
	var all [2][]link
	for i, s := range servers {
		teacher := newRoom(s, "loss", 1)
		defer teacher.leave()
		if err := teacher.publish(ctx, listener(), simulcast...); err != nil {
			return err
		}
		if all[i], err = connect(ctx, s); err != nil {
			return err
		}
		defer disconnect(all[i])
	}
	if err := pause(ctx, 4*time.Second); err != nil {
		return err
	}
	before := counted(all)
	lasting := 4 * b.window
	if err := pause(ctx, lasting); err != nil {
		return err
	}
	after := counted(all)
	for i := range all {
		b.lossFigures(i, all[i], before[i], after[i], lasting)
	}
	return nil
}

// connect puts viewers behind links to a server, all links at the same time.
func connect(ctx context.Context, s *server) ([]link, error) {
	all := links()
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i := range all {
		l := &all[i]
		l.room = newRoom(s, "loss", 1)
		l.room.joined = 100 * i // names are the lesson's
		conditions := impair.Conditions{Delay: oneWay, Loss: l.loss}
		if l.bursts {
			conditions.Burst = inRow
		}
		wg.Go(func() {
			if l.proxy, errs[i] = newLink(s, conditions); errs[i] != nil {
				return
			}
			p := checked()
			p.Through = l.proxy.Addr()
			if err := l.room.fill(ctx, perLink, p); l.loss == 0 {
				errs[i] = err // where packets are lost, who could not join is counted by absence
			}
		})
	}
	wg.Wait()
	err := errors.Join(errs...)
	if err != nil {
		disconnect(all)
	}
	return all, err
}

func disconnect(all []link) {
	for _, l := range all {
		l.room.leave()
		if l.proxy != nil {
			l.proxy.Close()
		}
	}
}

// links are a clean one, and each loss alone and in bursts.
func links() []link {
	out := []link{{}}
	for _, loss := range []float64{0.05, 0.10, 0.20, 0.30} {
		out = append(out, link{loss: loss}, link{loss: loss, bursts: true})
	}
	return out
}

// heard is what viewers of a link have received.
type heard struct{ audio, video light.Counts }

func counted(all [2][]link) (out [2][]heard) {
	for i, links := range all {
		for _, l := range links {
			out[i] = append(out[i], heard{l.room.counts(true), l.room.counts(false)})
		}
	}
	return out
}

func (b *bench) lossFigures(server int, links []link, before, after []heard, lasting time.Duration) {
	var clean float64 // bytes of video without loss
	prefix, name := prefixes[server], links[0].room.server.name
	for i, l := range links {
		audio, video := after[i].audio.Sub(before[i].audio), after[i].video.Sub(before[i].video)
		if i == 0 {
			clean = float64(video.Bytes)
			continue
		}
		viewers := len(l.room.viewers)
		where := fmt.Sprintf("%.0f %% loss in each direction (%s), round trip 60 ms, %d viewers of a simulcast camera for %.0f s, NACK from 20 ms on", 100*l.loss, l.name(), viewers, lasting.Seconds())
		unrepaired, missing := share(video), share(audio)
		suffix := fmt.Sprintf("_%s_%.0f", l.name(), 100*l.loss)
		b.figures.add(prefix+"failed_joins"+suffix, float64(perLink-viewers), "count", "of %d; %s", perLink, where)
		b.figures.add(prefix+"video_unrepaired_ratio"+suffix, unrepaired, "ratio", "after 400 ms; %s; %d packets", where, video.Expected)
		b.figures.add(prefix+"audio_missing_ratio"+suffix, missing, "ratio", "after 400 ms, RED and NACK where the server has them; %s; %d packets", where, audio.Expected)
		b.figures.add(prefix+"rate_kept_ratio"+suffix, float64(video.Bytes)/clean, "ratio", "video bytes received by those of a viewer without loss; %s", where)
		minutes := lasting.Minutes() * float64(viewers)
		b.figures.add(prefix+"freezes_per_minute"+suffix, float64(video.Freezes)/minutes, "1/min", "gaps of over 200 ms between decodable frames, %.1f frames/s; %s",
			float64(video.Frames)/lasting.Seconds()/float64(viewers), where)
		b.curves.add("loss-video", name+" "+l.name(), 100*l.loss, 100*unrepaired)
		b.curves.add("loss-audio", name+" "+l.name(), 100*l.loss, 100*missing)
	}
}

// share of the expected packets that had not come after 400 ms.
func share(c light.Counts) float64 { return float64(c.Unrepaired) / float64(c.Expected) }

// lossyJoins measures joins through 20 % loss, to both servers at the same time; the call of gRPC is not impaired.
func (b *bench) lossyJoins(ctx context.Context) error {
	servers, err := b.pair(ctx)
	if err != nil {
		return err
	}
	n := 2 * b.singles
	var times [2]joined
	var wg sync.WaitGroup
	for i, s := range servers {
		r := newRoom(s, "lossy", 1)
		defer r.leave()
		if err := r.publish(ctx, listener(), simulcast...); err != nil {
			return err
		}
		proxy, err := newLink(s, impair.Conditions{Delay: oneWay, Loss: 0.2})
		if err != nil {
			return err
		}
		defer proxy.Close()
		wg.Go(func() { times[i] = r.joinThrough(ctx, proxy, n) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, s := range servers {
		const conditions = "%d joins, 50 ms apart, 20 %% loss in each direction, round trip 60 ms; gRPC not impaired"
		b.figures.add(prefixes[i]+"lossy_join_success_ratio", float64(len(times[i].frame))/float64(n), "ratio", conditions+"; a picture within 10 s", n)
		b.figures.add(prefixes[i]+"lossy_join_first_packet_ms_p95", at(95, times[i].media), "ms", conditions, n)
		b.figures.add(prefixes[i]+"lossy_join_first_frame_ms_p95", at(95, times[i].frame), "ms", conditions, n)
		b.say("%-8s %d of %d joined at 20 %% loss", s.name, len(times[i].frame), n)
	}
	return nil
}

// joinThrough joins one after the other, without waiting for the one before.
func (r *room) joinThrough(ctx context.Context, proxy *impair.UDP, n int) joined {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second+time.Duration(n)*50*time.Millisecond)
	defer cancel()
	var all joined
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			p := checked()
			p.Through = proxy.Addr()
			own, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			c, err := r.join(own, fmt.Sprintf("late%d", i), p)
			if err != nil {
				return // counted by its absence
			}
			defer c.Close()
			media, err := c.AwaitMedia(own)
			if err != nil {
				return
			}
			frame, err := c.AwaitFrame(own)
			mu.Lock()
			defer mu.Unlock()
			all.media = append(all.media, media)
			if err == nil {
				all.frame = append(all.frame, frame)
			}
		})
		if pause(ctx, 50*time.Millisecond) != nil {
			break
		}
	}
	wg.Wait()
	return all
}
