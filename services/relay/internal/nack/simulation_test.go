package nack_test

import (
	"math/rand/v2"
	"testing"

	"github.com/tongke-edu/tongke/services/relay/internal/nack"
)

// uplink is a publisher behind a network with loss in both directions, millisecond by millisecond: 30 frames a second of
// five packets, a round trip of 60 ms.
type uplink struct {
	loss    float64
	random  *rand.Rand
	tracker nack.Tracker

	now    int
	agenda [256][]func()
	counts struct{ sent, late, never, asked int }
	lostAt map[uint64]int
}

const (
	half    = 30  // ms on the way
	playout = 400 // ms in which a picture must be whole
)

// after runs f when what is sent now arrives, unless it is lost.
func (u *uplink) after(f func()) {
	if u.random.Float64() >= u.loss {
		at := (u.now + half) % len(u.agenda)
		u.agenda[at] = append(u.agenda[at], f)
	}
}

func (u *uplink) run(seconds int) {
	u.lostAt = map[uint64]int{}
	ext, seen := uint64(base), uint64(base-1)
	for frame := 0; u.now < seconds*1000; u.now++ {
		for ; u.now >= frame*100/3; frame++ {
			for n := range 5 {
				this := ext
				ext++
				u.counts.sent++
				at := (u.now + half + n) % len(u.agenda)
				if u.random.Float64() < u.loss && u.counts.sent > 1 {
					continue
				}
				u.agenda[at] = append(u.agenda[at], func() {
					for seen++; seen < this; seen++ {
						u.lostAt[seen] = u.now
					}
					u.arrived(this)
				})
			}
		}
		due := u.agenda[u.now%len(u.agenda)]
		u.agenda[u.now%len(u.agenda)] = nil
		for _, f := range due {
			f()
		}
		for next, ok := u.tracker.Next(); ok && !next.After(after(u.now)); next, ok = u.tracker.Next() {
			u.ask()
		}
	}
	u.counts.never = len(u.lostAt)
	u.counts.late += len(u.lostAt)
}

func (u *uplink) arrived(ext uint64) {
	if since, lost := u.lostAt[ext]; lost {
		if u.now-since > playout {
			u.counts.late++
		}
		delete(u.lostAt, ext)
	}
	u.tracker.Arrived(ext, after(u.now))
}

func (u *uplink) ask() {
	asked, _ := u.tracker.Due(after(u.now), nil)
	u.counts.asked += len(asked)
	if len(asked) == 0 {
		return
	}
	u.after(func() {
		for _, seq := range asked {
			for ext := range u.lostAt {
				if uint16(ext) == seq {
					u.after(func() { u.arrived(ext) })
				}
			}
		}
	})
}

func TestTracker_LeavesLittleOfAPictureOut(t *testing.T) {
	for _, row := range []struct{ loss, late, forGood, asked float64 }{ // at most, in percent of all packets, and for each lost
		{0.05, 0.02, 0.01, 1.2},
		{0.10, 0.05, 0.01, 1.3},
		{0.20, 0.2, 0.05, 1.7},
		{0.30, 1.4, 0.4, 2.2},
	} {
		u := &uplink{loss: row.loss, random: rand.New(rand.NewPCG(1, 2))}
		u.run(100)
		sent := float64(u.counts.sent)
		late, forGood := 100*float64(u.counts.late)/sent, 100*float64(u.counts.never)/sent
		asked := float64(u.counts.asked) / (sent * row.loss)
		t.Logf("%2.0f %% lost: unrepaired after %d ms %.3f %%, for good %.3f %%, asked for each lost %.2f times", 100*row.loss, playout, late, forGood, asked)
		if late > row.late || forGood > row.forGood || asked > row.asked {
			t.Errorf("%.0f %% lost: want at most %.3f %%, %.3f %% and %.2f", 100*row.loss, row.late, row.forGood, row.asked)
		}
	}
}
