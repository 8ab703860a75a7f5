package twcc

import (
	"math/rand/v2"
	"testing"
	"time"
)

func received(list []Status) (n int) {
	for _, s := range list {
		if s.Received {
			n++
		}
	}
	return n
}

func TestRecorder_IsDueEvery50MillisecondsOrAHundredPackets(t *testing.T) {
	var rec Recorder
	if rec.Due(ms(0)) {
		t.Fatal("due before anything came")
	}
	rec.Add(1, ms(0))
	if rec.Due(ms(49)) || !rec.Due(ms(50)) {
		t.Fatal("not due at 50 ms")
	}
	rec.Feedback(ms(50), 1, 2, nil)
	if rec.Due(ms(500)) || len(rec.Feedback(ms(500), 1, 2, nil)) != 0 {
		t.Fatal("there is nothing to tell")
	}
	for i := range 100 {
		if rec.Due(ms(51)) {
			t.Fatalf("due after %d packets", i)
		}
		rec.Add(uint16(2+i), ms(51))
	}
	if !rec.Due(ms(51)) {
		t.Fatal("a hundred packets are enough")
	}
}

func TestRecorder_CountsItsFeedbackAndContinuesWhereItEnded(t *testing.T) {
	var rec Recorder
	for i := range 300 {
		rec.Add(uint16(65400+i), ms(50*i))
		r, list := told(t, rec.Feedback(ms(50*i), 1, 2, nil))
		if r.Count != uint8(i) || r.Base != uint16(65400+i) || received(list) != 1 || len(list) != 1 {
			t.Fatalf("%d: %+v %+v", i, r, list)
		}
	}
}

func TestRecorder_TellsLossAtTheEdgeOfAFeedback(t *testing.T) {
	var rec Recorder
	rec.Add(1, ms(0))
	rec.Feedback(ms(0), 1, 2, nil)
	rec.Add(4, ms(9))
	_, list := told(t, rec.Feedback(ms(50), 1, 2, nil))
	if len(list) != 3 || list[0].Seq != 2 || list[0].Received || list[1].Received || !list[2].Received {
		t.Fatalf("%+v", list)
	}
}

func TestRecorder_OfRepeatedPacketsTheFirstCounts(t *testing.T) {
	var rec Recorder
	rec.Add(1, ms(0))
	rec.Add(2, ms(5))
	rec.Add(2, ms(40))
	rec.Add(1, ms(41))
	_, list := told(t, rec.Feedback(ms(50), 1, 2, nil))
	if len(list) != 2 || list[1].At.Sub(list[0].At) != 5*time.Millisecond {
		t.Fatalf("%+v", list)
	}
	rec.Add(2, ms(60))
	if rec.Due(ms(200)) {
		t.Fatal("a repeated packet is no news")
	}
}

func TestRecorder_TellsALatePacketWithTheNextFeedback(t *testing.T) {
	var rec Recorder
	for _, seq := range []uint16{65533, 65534, 1, 2} {
		rec.Add(seq, ms(0))
	}
	if _, list := told(t, rec.Feedback(ms(50), 1, 2, nil)); len(list) != 6 || received(list) != 4 {
		t.Fatalf("%+v", list)
	}
	rec.Add(65535, ms(51))
	rec.Add(3, ms(52))
	r, list := told(t, rec.Feedback(ms(101), 1, 2, nil))
	if r.Base != 65535 || len(list) != 5 || received(list) != 4 || list[1].Received {
		t.Fatalf("%+v %+v", r, list)
	}
}

func TestRecorder_ArrivalsMayRunBackward(t *testing.T) {
	var rec Recorder
	rec.Add(2, ms(100))
	rec.Add(1, ms(103)) // overtaken
	_, list := told(t, rec.Feedback(ms(110), 1, 2, nil))
	if len(list) != 2 || list[1].At.Sub(list[0].At) != -3*time.Millisecond {
		t.Fatalf("%+v", list)
	}
}

func TestRecorder_BeginsAnewAfterAHole(t *testing.T) {
	var rec Recorder
	rec.Add(10, ms(0))
	rec.Add(10+lateness+1, ms(10))
	r, list := told(t, rec.Feedback(ms(50), 1, 2, nil))
	if r.Base != 10+lateness+1 || len(list) != 1 {
		t.Fatalf("%+v %+v", r, list)
	}
	rec.Add(10, ms(60)) // from before the hole
	if rec.Due(ms(200)) {
		t.Fatal("too late to tell")
	}
}

func TestRecorder_SplitsWhatDoesNotFit(t *testing.T) {
	claims := []struct {
		claim   string
		packets int
		at      func(i int) time.Time
		sizes   []int
	}{
		{"a silence of ten seconds", 4, func(i int) time.Time { return ms(10_000 * (i / 2)) }, []int{2, 2}},
		{"more packets than one feedback tells", 700, func(i int) time.Time { return ms(i % 7 * 100) }, []int{512, 188}},
	}
	for _, c := range claims {
		t.Run(c.claim, func(t *testing.T) {
			var rec Recorder
			for i := range c.packets {
				rec.Add(uint16(i), c.at(i))
			}
			now := ms(20_000)
			for _, size := range c.sizes {
				if !rec.Due(now) {
					t.Fatal("the rest is due at once")
				}
				out := rec.Feedback(now, 1, 2, nil)
				if _, list := told(t, out); received(list) != size || len(out) > 1200 {
					t.Fatalf("%d packets in %d octets, want %d packets", received(list), len(out), size)
				}
			}
			if rec.Due(now) {
				t.Fatal("all is told")
			}
		})
	}
}

func TestRecorder_ForgetsWhatNobodyAskedFor(t *testing.T) {
	var rec Recorder
	for i := range 5000 {
		rec.Add(uint16(i), ms(i))
	}
	r, list := told(t, rec.Feedback(ms(5000), 1, 2, nil))
	if r.Base != 5000-window || received(list) != maxStatuses {
		t.Fatalf("%+v with %d", r, received(list))
	}
}

// A long connection: losses, reordering, repetition and pauses, compared with what was put in.
func TestRecorder_TellsEveryPacketOnceOrMoreAndNothingElse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var rec Recorder
	came := map[uint16]time.Time{}
	seen := map[uint16]bool{}
	var first time.Time
	var zero Ticks
	now := epoch
	for seq := range 50_000 {
		now = now.Add(time.Duration(rng.IntN(8000)) * time.Microsecond)
		if rng.IntN(1000) == 0 {
			now = now.Add(time.Duration(rng.IntN(20)) * time.Second)
		}
		delete(came, uint16(seq+30_000))
		delete(seen, uint16(seq+30_000))
		if rng.IntN(10) == 0 {
			continue
		}
		at := now
		late := uint16(seq - rng.IntN(3)*rng.IntN(20)) // some come for the second time, some late
		if first.IsZero() {
			late = uint16(seq)
		}
		if _, ok := came[late]; !ok {
			came[late] = at
		}
		rec.Add(late, at)
		for rec.Due(now) {
			_, list := told(t, rec.Feedback(now, 1, 2, nil))
			for _, s := range list {
				at, ok := came[s.Seq]
				if s.Received != ok {
					t.Fatalf("%d: received %v, in truth %v", s.Seq, s.Received, ok)
				}
				if !ok {
					continue
				}
				if first.IsZero() {
					first, zero = at, s.At
				}
				if off := s.At.Sub(zero) - at.Sub(first); off > tick || off < -tick {
					t.Fatalf("%d: told %v off", s.Seq, off)
				}
				seen[s.Seq] = true
			}
		}
		if rec.untold == 0 && len(seen) != len(came) {
			t.Fatalf("told %d of %d", len(seen), len(came))
		}
	}
}

func TestRecorder_ArrivalTimesWrap(t *testing.T) {
	var rec Recorder
	rec.Add(1, epoch)
	end := epoch.Add((1<<32 - ticksPerReference - 40) * tick) // 10 ms before the ticks wrap
	var last Ticks
	for i := range 10 {
		at := end.Add(time.Duration(5*i) * time.Millisecond)
		rec.Add(uint16(2+i), at)
		_, list := told(t, rec.Feedback(at, 1, 2, nil))
		got := list[len(list)-1].At
		if off := got.Sub(last) - 5*time.Millisecond; i > 0 && (off > tick || off < -tick) {
			t.Fatalf("%d: %v after the one before", i, got.Sub(last))
		}
		last = got
	}
}

func TestTwcc_AllocatesNothing(t *testing.T) {
	var rec Recorder
	buffer := make([]byte, 0, 1500)
	now, seq := epoch, uint16(0)
	allocs := testing.AllocsPerRun(1000, func() {
		for range 20 {
			now = now.Add(3 * time.Millisecond)
			seq++
			rec.Add(seq, now)
		}
		r, err := Parse(rec.Feedback(now, 1, 2, buffer[:0]))
		if err != nil {
			t.Fatal(err)
		}
		for _, ok := r.Next(); ok; _, ok = r.Next() {
		}
	})
	if allocs != 0 {
		t.Fatalf("%v allocations per feedback", allocs)
	}
}

func BenchmarkRecorder_PacketWithItsShareOfFeedback(b *testing.B) {
	var rec Recorder
	buffer := make([]byte, 0, 1500)
	now, seq := epoch, uint16(0)
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(3 * time.Millisecond)
		seq++
		rec.Add(seq, now)
		if rec.Due(now) {
			r, _ := Parse(rec.Feedback(now, 1, 2, buffer[:0]))
			for _, ok := r.Next(); ok; _, ok = r.Next() {
			}
		}
	}
}
