package impair

import (
	"testing"
	"time"
)

var start = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)

func TestLine_DelaysWithJitterInBoundsAndKeepsOrder(t *testing.T) {
	l := newLine(Conditions{Delay: 50 * time.Millisecond, Jitter: 10 * time.Millisecond}, 1, 0)
	var last time.Time
	spread := map[time.Duration]bool{}
	for i := range 1000 {
		now := start.Add(time.Duration(i) * 30 * time.Millisecond)
		out, ok := l.packet(now, 1200)
		if !ok {
			t.Fatalf("packet %d vanished", i)
		}
		late := out.Sub(now)
		if late < 40*time.Millisecond || late > 60*time.Millisecond || out.Before(last) {
			t.Fatalf("packet %d took %v", i, late)
		}
		last = out
		spread[late.Round(time.Millisecond)] = true
	}
	if len(spread) < 15 {
		t.Errorf("only %d different delays", len(spread))
	}
}

func TestLine_NeverDeliversBeforeThePacketEntered(t *testing.T) {
	l := newLine(Conditions{Delay: time.Millisecond, Jitter: time.Second}, 1, 0)
	for i := range 100 {
		now := start.Add(time.Duration(i) * 2 * time.Second)
		if out, _ := l.packet(now, 100); out.Before(now) {
			t.Fatalf("packet %d came out %v early", i, now.Sub(out))
		}
	}
}

func TestLine_LosesTheGivenShareTheSameWayForASeed(t *testing.T) {
	fates := func(seed uint64) (lost int, pattern string) {
		l := newLine(Conditions{Loss: 0.1}, seed, 0)
		for range 10000 {
			if _, ok := l.packet(start, 100); ok {
				pattern += "."
			} else {
				pattern += "x"
				lost++
			}
		}
		return lost, pattern
	}
	lost, first := fates(7)
	if lost < 850 || lost > 1150 {
		t.Errorf("lost %d of 10000", lost)
	}
	if _, again := fates(7); again != first {
		t.Error("the same seed gave another fate")
	}
	if _, other := fates(8); other == first {
		t.Error("another seed gave the same fate")
	}
}

func TestLine_RateSpacesPacketsAndDropsWhatTheQueueCannotHold(t *testing.T) {
	// 1,250 bytes take 10 ms; 100 ms of queue hold ten more.
	l := newLine(Conditions{Rate: 1_000_000, Queue: 100 * time.Millisecond}, 1, 0)
	passed := 0
	for i := range 50 {
		out, ok := l.packet(start, 1250)
		if !ok {
			continue
		}
		passed++
		if want := start.Add(time.Duration(i+1) * 10 * time.Millisecond); !out.Equal(want) {
			t.Fatalf("packet %d comes out after %v", i, out.Sub(start))
		}
	}
	if passed != 11 || l.counts().Overflowed != 39 {
		t.Errorf("%d passed, %d overflowed", passed, l.counts().Overflowed)
	}
	if _, ok := l.packet(start.Add(time.Second), 1250); !ok {
		t.Error("the drained queue refuses a packet")
	}
}

func TestLine_CutIsABlackHoleAlsoForWhatIsUnderWay(t *testing.T) {
	l := newLine(Conditions{}, 1, 0)
	if _, ok := l.packet(start, 100); !ok {
		t.Fatal("the packet before the cut vanished")
	}
	l.set(Conditions{Cut: true})
	if _, ok := l.packet(start, 100); ok || l.deliver(100) {
		t.Error("a packet passed the cut")
	}
	if l.blocked() == nil {
		t.Error("the line says that it is open")
	}
	l.set(Conditions{})
	if _, ok := l.packet(start, 100); !ok || !l.deliver(100) || l.blocked() != nil {
		t.Error("the line stays closed after the cut")
	}
	if got, want := l.counts(), (Stats{Received: 3, Offered: 300, Delivered: 1, Bytes: 100, CutOff: 2}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}

func TestLine_LosesInRunsOfTheGivenLength(t *testing.T) {
	l := newLine(Conditions{Loss: 0.2, Burst: 4}, 1, 0)
	const packets = 40000
	lost, runs, before := 0, 0, false
	for range packets {
		_, ok := l.packet(start, 100)
		if !ok {
			lost++
			if !before {
				runs++
			}
		}
		before = !ok
	}
	if share := float64(lost) / packets; share < 0.18 || share > 0.22 {
		t.Errorf("lost %v", share)
	}
	if length := float64(lost) / float64(runs); length < 3.6 || length > 4.4 {
		t.Errorf("runs of %v packets", length)
	}
	if offered := l.counts().Offered; offered != packets*100 {
		t.Errorf("%d bytes offered", offered)
	}
}
