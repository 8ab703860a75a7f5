package relay_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/impair"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

// lossy is a way to the relay that loses packets in one direction.
func lossy(t *testing.T, r *rig, direction impair.Direction, loss float64) *impair.UDP {
	t.Helper()
	way, err := impair.NewUDP(impair.Params{Target: r.service.MediaAddr().String(), Seed: 1})
	must(t, err)
	t.Cleanup(way.Close)
	way.Set(direction, impair.Conditions{Loss: loss})
	return way
}

func TestLoss_OnTheWayDownIsRepairedFromTheCache(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...), room("listener", 1))
	way := lossy(t, r, impair.Down, 0.1)
	teacher := r.join("teacher", options{noSimulcast: true})
	teacher.send("microphone", "camera")
	listener := r.join("listener", options{video: 1, through: way.Addr()})
	w := r.watch()
	testkit.Eventually(t, func() bool { return w.sample("listener").GetNacksReceived() > 0 }, "NACKs are counted")
	testkit.Eventually(t, func() bool { return w.sample("listener").GetLossDown() > 0.02 }, "loss is reported")
	testkit.Eventually(t, func() bool { _, of := holes(listener.packets("video0"), "teacher/camera"); return of > 300 }, "300 pictures")
	if missing, of := holes(listener.packets("video0"), "teacher/camera"); missing*100 > of {
		t.Errorf("%d of %d pictures are missing after repair", missing, of)
	}
}

// holes counts the numbers that a sender gave and that never came, apart from the last second's.
func holes(packets []arrival, source string) (missing, of int) {
	seen := map[int]bool{}
	first, last := -1, -1
	for _, p := range packets {
		if !strings.HasPrefix(content(p.Packet), source) || time.Since(p.at) < time.Second {
			continue
		}
		n := numberOf(p.Packet)
		seen[n] = true
		if first < 0 {
			first = n
		}
		last = max(last, n)
	}
	for n := first; n <= last; n++ {
		of++
		if !seen[n] {
			missing++
		}
	}
	return missing, of
}

func TestLoss_OnTheWayUpIsRepairedAndReported(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...), room("listener", 1))
	way := lossy(t, r, impair.Up, 0.1)
	teacher := r.join("teacher", options{noSimulcast: true, through: way.Addr()})
	teacher.send("microphone", "camera")
	listener := r.join("listener", options{video: 1})
	w := r.watch()
	testkit.Eventually(t, func() bool { return w.sample("teacher").GetLossUp() > 0.02 }, "loss is reported")
	testkit.Eventually(t, func() bool { _, of := holes(listener.packets("video0"), "teacher/camera"); return of > 300 }, "300 pictures")
	if missing, of := holes(listener.packets("video0"), "teacher/camera"); missing*100 > of {
		t.Errorf("%d of %d pictures are missing after repair", missing, of)
	}
}

func TestLoss_OfEverythingForASecondHealsByItself(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...), room("listener", 1))
	way := lossy(t, r, impair.Down, 0)
	teacher := r.join("teacher", options{})
	teacher.send("microphone", "camera/q", "camera/h", "camera/f")
	listener := r.join("listener", options{video: 1, through: way.Addr()})
	testkit.Eventually(t, func() bool { return listener.heard("video0", "teacher/camera", time.Time{}) }, "picture")
	way.SetBoth(impair.Conditions{Cut: true})
	cut := time.Now()
	testkit.Eventually(t, func() bool { return time.Since(cut) > time.Second }, "the cut")
	way.SetBoth(impair.Conditions{})
	healed := time.Now()
	testkit.Eventually(t, func() bool {
		return listener.heard("video0", "teacher/camera", healed) && listener.heard("audio0", "teacher/microphone", healed)
	}, "media back")
}
