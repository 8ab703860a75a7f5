package forward

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// way is a viewer behind a network with loss in both directions, millisecond by millisecond: 30 frames a second of five
// packets. It asks as Chromium does: at once for what a newer packet shows to be missing, then again after a round trip,
// looking every 20 ms, ten times at most.
type way struct {
	loss    float64
	jitter  int // ms, each way
	granted munge.Limits
	random  *rand.Rand

	rewriter *munge.Rewriter
	now      int
	agenda   [1024][]func()
	newest   uint16
	missing  map[uint16]*absent
	counts   struct{ sent, lost, late, never, again, surplus int }
}

type absent struct{ since, asked, asks int }

const (
	half    = 30  // ms on the way
	playout = 400 // ms in which a picture must be whole
	gone    = 3000
)

// after runs f when what is sent now arrives, unless it is lost.
func (w *way) after(f func()) {
	if w.random.Float64() < w.loss {
		return
	}
	at := (w.now + half + w.random.IntN(w.jitter+1)) % len(w.agenda)
	w.agenda[at] = append(w.agenda[at], f)
}

func (w *way) at(ms int) time.Time {
	return time.Unix(1000, 0).Add(time.Duration(ms) * time.Millisecond)
}

func (w *way) run(seconds int) {
	w.missing = map[uint16]*absent{}
	w.rewriter = munge.NewRewriter(munge.Params{ClockRate: 90_000, History: videoHistory})
	w.rewriter.Target(1)
	ext, sent, frame := uint64(1<<16), map[uint16]int{}, 0
	for ; w.now < seconds*1000; w.now++ {
		for w.now >= frame*100/3 {
			for range 5 {
				p := munge.Packet{
					Ext: ext, Newest: true, Timestamp: uint32(frame * 3000), Arrival: w.at(w.now),
					Description: munge.Description{Keyframe: ext == 1<<16}, Payload: []byte{0},
				}
				out, ok := w.rewriter.Rewrite(1, &p, nil)
				if !ok {
					panic("not forwarded")
				}
				ext++
				w.counts.sent++
				sent[out.Seq] = w.now
				if w.counts.sent == 1 {
					w.newest = out.Seq
				} else {
					w.after(func() { w.arrived(out.Seq) })
				}
			}
			frame++
		}
		due := w.agenda[w.now%len(w.agenda)]
		w.agenda[w.now%len(w.agenda)] = nil
		for _, f := range due {
			f()
		}
		if w.now%20 == 0 {
			w.ask(w.granted.Interval)
		}
	}
}

// arrived notes a packet, and what it shows to be missing.
func (w *way) arrived(seq uint16) {
	if m := w.missing[seq]; m != nil {
		if w.now-m.since > playout {
			w.counts.late++
		}
		delete(w.missing, seq)
		return
	}
	if !munge.Newer(seq, w.newest) {
		w.counts.surplus++ // or it was only late, and asked for too soon
		return
	}
	for w.newest++; w.newest != seq; w.newest++ {
		w.counts.lost++
		w.missing[w.newest] = &absent{since: w.now}
	}
	w.ask(0)
}

// ask asks for what was never asked for, or, given an interval, for what was asked for a round trip ago.
func (w *way) ask(interval time.Duration) {
	var asked []uint16
	for seq, m := range w.missing {
		switch {
		case w.now-m.since > gone:
			w.counts.late++
			w.counts.never++
			delete(w.missing, seq)
		case m.asks == 0 || interval > 0 && m.asks < 10 && w.now-m.asked >= 2*half+w.jitter:
			m.asks, m.asked = m.asks+1, w.now
			asked = append(asked, seq)
		}
	}
	if slices.Sort(asked); len(asked) > 0 {
		w.after(func() { w.answer(asked) })
	}
}

func (w *way) answer(asked []uint16) {
	for _, seq := range asked {
		if sent, grant := w.rewriter.Nack(seq, w.at(w.now), w.granted); grant == munge.Granted {
			w.rewriter.Resent(sent, w.at(w.now))
			w.counts.again++
			w.after(func() { w.arrived(seq) })
		}
	}
}

// percent of all packets.
func (w *way) percent(n int) float64 { return 100 * float64(n) / float64(w.counts.sent) }

func simulate(loss float64, jitter int, granted munge.Limits) *way {
	w := &way{loss: loss, jitter: jitter, granted: granted, random: rand.New(rand.NewPCG(1, 2))}
	w.run(200)
	return w
}

// trip of the simulated network.
const trip = 2 * half * time.Millisecond

// TestRepairs_LeaveLittleOfAPictureOut also shows, with -v, what fewer repairs of a packet would leave.
func TestRepairs_LeaveLittleOfAPictureOut(t *testing.T) {
	three := munge.Limits{Most: 3, Interval: trip * 6 / 5, Life: pictureLife}
	for _, row := range []struct {
		loss          float64
		jitter        int
		late, forGood float64 // at most, in percent of all packets
	}{
		{0.05, 0, 0.01, 0.001},
		{0.10, 0, 0.02, 0.002},
		{0.20, 0, 0.1, 0.01},
		{0.30, 0, 0.7, 0.15},
		{0.10, 10, 0.05, 0.01},
		{0.20, 10, 0.3, 0.05},
	} {
		w, fewer := simulate(row.loss, row.jitter, grants(trip)), simulate(row.loss, row.jitter, three)
		late, forGood := w.percent(w.counts.late), w.percent(w.counts.never)
		t.Logf("%2.0f %% lost, up to %2d ms late: unrepaired after %d ms %.3f %%, for good %.3f %%, sent again for each lost %.2f; with three repairs at most %.3f %%, %.3f %%, %.2f",
			100*row.loss, row.jitter, playout, late, forGood, w.ratio(),
			fewer.percent(fewer.counts.late), fewer.percent(fewer.counts.never), fewer.ratio())
		if late > row.late || forGood > row.forGood {
			t.Errorf("%.0f %% lost: %.3f %% late and %.3f %% gone, want at most %.3f and %.3f", 100*row.loss, late, forGood, row.late, row.forGood)
		}
	}
}

// ratio is how much is sent again for each packet that was lost.
func (w *way) ratio() float64 { return float64(w.counts.again) / float64(w.counts.lost) }

func TestRepairs_NothingIsSentAgainBeforeItsRepairCanHaveCome(t *testing.T) {
	if w := simulate(0.2, 0, grants(trip)); w.counts.surplus > 0 || w.counts.again == 0 {
		t.Errorf("%d of %d repairs came twice", w.counts.surplus, w.counts.again)
	}
}
