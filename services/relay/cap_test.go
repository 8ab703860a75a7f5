package relay_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/impair"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

// meter follows what the relay sends into a way, and what comes out of it, in steps of 100 ms.
type meter struct {
	way             *impair.UDP
	offered, passed []uint64 // octets since the beginning
	at              []time.Time
}

const meterStep = 100 * time.Millisecond

// run goes on for a time, or until a condition is met.
func (m *meter) run(t *testing.T, lasts time.Duration, until func() bool) {
	t.Helper()
	tick := time.NewTicker(meterStep)
	defer tick.Stop()
	for end := time.Now().Add(lasts); time.Now().Before(end) && (until == nil || !until()); {
		now := <-tick.C
		s := m.way.Stats(impair.Down)
		m.offered, m.passed, m.at = append(m.offered, s.Offered), append(m.passed, s.Bytes), append(m.at, now)
	}
}

// rate is in bits per second over some steps up to the present.
func (m *meter) rate(octets []uint64, steps int) float64 {
	last := len(octets) - 1
	if last < steps {
		return 0
	}
	return float64(octets[last]-octets[last-steps]) * 8 / m.at[last].Sub(m.at[last-steps]).Seconds()
}

// silent is the share of a microphone's packets between two times that never came.
func silent(p *participant, slot, source string, from, to time.Time) (share float64, of int) {
	seen, first, last := map[int]bool{}, -1, -1
	for _, a := range p.packets(slot) {
		if !strings.HasPrefix(content(a.Packet), source) || a.at.Before(from) || a.at.After(to) {
			continue
		}
		n := numberOf(a.Packet)
		seen[n] = true
		if first < 0 {
			first = n
		}
		last = max(last, n)
	}
	of = last - first + 1
	return 1 - float64(len(seen))/float64(max(of, 1)), of
}

// capped is a teacher with a lively camera, and a listener behind a way of some rate.
func capped(t *testing.T, rate int64) (r *rig, listener *participant, m *meter, set func(rate int64)) {
	t.Helper()
	r = newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...), room("listener", 1))
	way := lossy(t, r, impair.Down, 0)
	set = func(rate int64) {
		way.Set(impair.Down, impair.Conditions{Rate: rate, Delay: 20 * time.Millisecond})
		way.Set(impair.Up, impair.Conditions{Delay: 20 * time.Millisecond})
	}
	set(rate)
	teacher := r.join("teacher", options{})
	testkit.Eventually(t, teacher.isOpen, "the teacher is connected")
	teacher.send("microphone")
	teacher.film(map[string]int{"camera/q": 120_000, "camera/h": 300_000, "camera/f": 1_500_000})
	listener = r.join("listener", options{video: 1, through: way.Addr(), feedback: true})
	listener.loops.Go(listener.beat)
	t.Cleanup(func() { close(listener.quiet) })
	return r, listener, &meter{way: way}, set
}

// beat tells the relay that the participant is there, as browsers do.
func (p *participant) beat() {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for n := uint64(0); ; n++ {
		select {
		case <-tick.C:
			p.say(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{Heartbeat: &relayv1.Heartbeat{Number: n}}})
		case <-p.quiet:
			return
		}
	}
}

// heightsOf are the heights of the pictures that came since a time, without repetition.
func heightsOf(p *participant, slot string, since time.Time) (out []uint16) {
	for _, one := range pictures(p.packets(slot)) {
		if one.at.After(since) && !slices.Contains(out, one.height) {
			out = append(out, one.height)
		}
	}
	return out
}

func TestCap_OfHalfAMegabitIsObeyedAndLeftAgain(t *testing.T) {
	const wide, narrow = 3_000_000, 500_000
	_, listener, m, set := capped(t, wide)
	full := func() bool { return m.rate(m.passed, 20) > 1_450_000 }
	m.run(t, 20*time.Second, full)
	if !full() {
		t.Fatalf("%.0f bit/s at first", m.rate(m.passed, 20))
	}
	before := m.rate(m.passed, 20)

	set(narrow)
	began := time.Now()
	m.run(t, 20*time.Second, func() bool { return time.Since(began) > meterStep*5 && m.rate(m.offered, 5) < narrow })
	under := time.Since(began)
	m.run(t, 8*time.Second-under, nil)
	ended := time.Now()
	after := m.rate(m.offered, 50)
	missing, of := silent(listener, "audio0", "teacher/microphone", began, ended)
	small := heightsOf(listener, "video0", ended.Add(-3*time.Second))

	set(wide)
	back := func() bool { return m.rate(m.passed, 10) >= 0.8*before }
	m.run(t, 20*time.Second, back)
	returned := time.Since(ended)
	t.Logf("%.0f kbit/s before; under the cap after %.1f s, then %.0f kbit/s; %.1f %% of %d audio packets missing; pictures of %v; %.0f kbit/s %.1f s after the cap",
		before/1000, under.Seconds(), after/1000, 100*missing, of, small, m.rate(m.passed, 10)/1000, returned.Seconds())
	if under > 2*time.Second || after > narrow {
		t.Errorf("less than the cap is sent after %v, and %.0f bit/s from then on", under, after)
	}
	if missing > 0.02 {
		t.Errorf("%.1f %% of the sound is missing", 100*missing)
	}
	if !back() || returned > 15*time.Second {
		t.Errorf("%.0f bit/s %v after the cap, %.0f before", m.rate(m.passed, 10), returned, before)
	}
}

func TestCap_Of400KilobitsMakesThePictureSmallAndLeavesTheSound(t *testing.T) {
	r, listener, m, _ := capped(t, 400_000)
	w := r.watch()
	testkit.Eventually(t, func() bool { return listener.heard("audio0", "teacher/microphone", time.Time{}) }, "sound")
	m.run(t, 4*time.Second, nil)
	settled := time.Now()
	m.run(t, 8*time.Second, nil)
	ended := time.Now()
	missing, of := silent(listener, "audio0", "teacher/microphone", settled, ended)
	all := pictures(listener.packets("video0"))
	broken := torn(all, settled)
	all = slices.DeleteFunc(all, func(p *picture) bool { return p.at.Before(settled) })
	sample := w.sample("listener")
	t.Logf("%.0f kbit/s; %.1f %% of %d audio packets missing; %.1f pictures a second of %v, %d of %d torn; %v; %v",
		m.rate(m.offered, 50)/1000, 100*missing, of, float64(len(all))/ended.Sub(settled).Seconds(), heightsOf(listener, "video0", settled),
		broken, len(all), sample.GetEstimate(), sample.GetSlots())
	if missing > 0.02 {
		t.Errorf("%.1f %% of the sound is missing", 100*missing)
	}
	if sent := m.rate(m.offered, 50); sent > 400_000 {
		t.Errorf("%.0f bit/s are sent", sent)
	}
	if seen := heightsOf(listener, "video0", settled); len(seen) == 0 || slices.Contains(seen, 720) {
		t.Errorf("pictures of %v", seen)
	}
	if rate := float64(len(all)-broken) / ended.Sub(settled).Seconds(); rate < framesPerSecond/4 || broken > len(all)/20 {
		t.Errorf("%d of %d pictures are torn, %.1f a second are whole", broken, len(all), rate)
	}
	for _, s := range sample.GetSlots() {
		if s.GetKind() == camera && (s.GetLimit() != relayv1.SlotLimit_SLOT_LIMIT_DOWNLINK || s.GetBitrateWanted() < 1_000_000) {
			t.Errorf("the reason for the picture is %v", s)
		}
	}
	if e := sample.GetEstimate(); e.GetBudget() > 400_000 || e.GetCause() == relayv1.EstimateCause_ESTIMATE_CAUSE_UNSPECIFIED {
		t.Errorf("the estimate is %v", e)
	}
}
