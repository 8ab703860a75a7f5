package estimate

import (
	"reflect"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/twcc"
)

func TestSender_AllocatesNothing(t *testing.T) {
	s := NewSender(Options{Feedback: true})
	s.Want(4 * mega)
	var rec twcc.Recorder
	buffer, now := make([]byte, 0, 1500), epoch
	allocs := testing.AllocsPerRun(500, func() {
		for range 10 {
			now = now.Add(3 * time.Millisecond)
			rec.Add(s.Sent(now, 1200, Media), now.Add(20*time.Millisecond))
			s.Probe(now)
		}
		report, err := twcc.Parse(rec.Feedback(now, 1, 2, buffer[:0]))
		if err != nil {
			t.Fatal(err)
		}
		s.Feedback(now, report)
		_ = s.Reason()
	})
	if allocs != 0 {
		t.Fatalf("%v allocations", allocs)
	}
}

func TestSender_NumbersPacketsOneByOne(t *testing.T) {
	s := NewSender(Options{Feedback: true})
	before := s.Sent(epoch, 100, Media)
	for range 70_000 {
		if seq := s.Sent(epoch, 100, Media); seq != before+1 {
			t.Fatalf("%d after %d", seq, before)
		}
		before++
	}
}

func TestSender_WithoutFeedbackFallsBackOnReceiverReports(t *testing.T) {
	s := NewSender(Options{Start: 2 * mega})
	s.Report(epoch, 0.2, mega)
	if s.Budget() != mega/2 {
		t.Fatalf("budget %d", s.Budget())
	}
	r := s.Reason()
	if r.Cause != Reports || r.From != 2*mega || r.To != mega/2 || r.Loss != 0.2 || r.Sent != mega {
		t.Fatalf("%+v", r)
	}
	s.RoundTrip(20 * time.Millisecond)
	s.RoundTrip(400 * time.Millisecond)
	s.REMB(epoch, 300_000, mega)
	if s.Budget() != 300_000 {
		t.Fatalf("budget %d", s.Budget())
	}
	s.Floor(400_000)
	if s.Budget() != 400_000 {
		t.Fatalf("budget %d below the floor", s.Budget())
	}
	for i := range 100 {
		s.Sent(epoch.Add(time.Duration(i)*100*time.Millisecond), 1000, Media)
		if ok := s.Probe(epoch.Add(time.Duration(i) * 100 * time.Millisecond)); ok {
			t.Fatal("nobody would tell what came of a probe")
		}
	}
}

func TestSender_WithFeedbackReceiverReportsDecideNothing(t *testing.T) {
	s := NewSender(Options{Start: 2 * mega, Feedback: true})
	s.Report(epoch, 0.9, mega)
	s.RoundTrip(time.Second)
	s.REMB(epoch, 300_000, mega)
	if s.Budget() != 2*mega || s.Reason().Cause != Start {
		t.Fatalf("%d: %+v", s.Budget(), s.Reason())
	}
}

func TestSender_KeepsTheFloorWhateverComes(t *testing.T) {
	n := newNetwork(with(home, rate(.1*mega)), Options{Floor: 200_000})
	n.run(20*time.Second, func() {
		if n.budget < 200_000 {
			t.Fatalf("budget %d", n.budget)
		}
	})
}

func TestSender_ALinkThatNeverAnswersEndsAtTheFloor(t *testing.T) {
	n := newNetwork(with(home, down), Options{})
	n.run(500*time.Millisecond, nil)
	if n.budget != 2*mega {
		t.Fatalf("budget %d: feedback may take its time", n.budget)
	}
	n.run(3*time.Second, nil)
	if n.budget != 150_000 || n.sender.Reason().Cause != Silence {
		t.Fatalf("%d: %+v", n.budget, n.sender.Reason())
	}
}

func TestSender_NothingSentIsNoSilence(t *testing.T) {
	n := newNetwork(home, Options{})
	n.run(5*time.Second, nil)
	before := n.sender.Budget()
	for range 100 {
		n.now = n.now.Add(time.Second)
		n.receiver()
		n.feedback()
		n.sender.Probe(n.now)
	}
	if got := n.sender.Budget(); got < before {
		t.Fatalf("%d, before %d: %+v", got, before, n.sender.Reason())
	}
}

// TestSender_APacketNowAndThenIsNoSilence: sound without speech, and each packet is told of soon.
func TestSender_APacketNowAndThenIsNoSilence(t *testing.T) {
	s := NewSender(Options{Start: mega, Feedback: true})
	var rec twcc.Recorder
	var buffer []byte
	var seq uint16
	answer := 30 // milliseconds
	for at := range 20_000 {
		now := epoch.Add(time.Duration(at) * time.Millisecond)
		switch at % 500 {
		case 0:
			seq = s.Sent(now, 100, Media)
			answer = 230 - answer // sooner and later in turn
		case answer:
			rec.Add(seq, now)
			buffer = rec.Feedback(now, 1, 2, buffer[:0])
			report, err := twcc.Parse(buffer)
			if err != nil {
				t.Fatal(err)
			}
			s.Feedback(now, report)
		}
		s.Probe(now)
		if s.Reason().Cause == Silence {
			t.Fatalf("after %d ms: %+v", at, s.Reason())
		}
	}
}

// TestSender_APauseAfterAnUnansweredPacketIsNoSilence: the last feedback before a camera went off was lost.
func TestSender_APauseAfterAnUnansweredPacketIsNoSilence(t *testing.T) {
	n := newNetwork(home, Options{})
	n.run(5*time.Second, nil)
	before := n.sender.Budget()
	n.back = 1
	n.run(200*time.Millisecond, nil)
	n.back = 0
	for range 20 {
		n.now = n.now.Add(time.Second)
		n.audio, n.frame = n.now, n.now // nothing was missed
		n.sender.Probe(n.now)
	}
	n.run(time.Second, nil)
	if got := n.sender.Budget(); got < before || n.causes[Silence] > 0 {
		t.Fatalf("%d, before %d: %v", got, before, n.causes)
	}
}

func TestSender_SaysWhyWithFigures(t *testing.T) {
	n := newNetwork(with(home, rate(3*mega)), Options{Start: 2 * mega})
	n.sender.Want(2 * mega)
	n.run(10*time.Second, nil)
	n.rate = mega
	stepped := n.now
	var reason Reason
	n.run(time.Second, func() {
		if r := n.sender.Reason(); reason.Cause != Queue && r.Cause == Queue {
			reason = r
		}
	})
	if since := reason.At.Sub(stepped); since <= 0 || since > fallsWithin {
		t.Fatalf("decided %v after the step: %+v", since, reason)
	}
	if reason.Queue < highQueue || reason.To >= reason.From || reason.Sent < mega || reason.Acknowledged == 0 || reason.RoundTrip < 60*time.Millisecond {
		t.Fatalf("%+v", reason)
	}
}

func TestSender_NothingMoreWantedMeansNoProbe(t *testing.T) {
	n := newNetwork(home, Options{Start: mega})
	n.sender.Want(900_000)
	n.run(30*time.Second, func() {
		if n.sender.Padding(n.now) > 0 {
			t.Fatal("padding without a wish")
		}
	})
	if n.budget != mega {
		t.Fatalf("budget %d", n.budget)
	}
}

func TestSender_FailedProbesWaitLongerEachTime(t *testing.T) {
	n := newNetwork(with(home, rate(mega)), Options{Start: 900_000})
	n.sender.Want(4 * mega)
	var begins []time.Time
	probing := false
	n.run(40*time.Second, func() {
		ok := n.sender.Probe(n.now)
		if ok && !probing {
			begins = append(begins, n.now)
		}
		probing = ok
	})
	if len(begins) < 5 || len(begins) > 10 {
		t.Fatalf("%d probes in 40 s", len(begins))
	}
	early, late := begins[1].Sub(begins[0]), begins[len(begins)-1].Sub(begins[len(begins)-2])
	if early > 4*time.Second || late < 6*time.Second {
		t.Fatalf("first again after %v, at last after %v", early, late)
	}
}

func TestSender_RepairsAreNoDelay(t *testing.T) {
	s := NewSender(Options{Feedback: true})
	var rec twcc.Recorder
	now := epoch
	for i := range 400 {
		now = now.Add(5 * time.Millisecond)
		kind, delay := Media, 30*time.Millisecond
		if i > 200 && i%2 == 0 {
			kind = Repair
			delay = 20 * time.Millisecond // would be a new measure
		}
		rec.Add(s.Sent(now, 1000, kind), now.Add(delay))
		if rec.Due(now.Add(delay)) {
			report, _ := twcc.Parse(rec.Feedback(now.Add(delay), 1, 2, nil))
			s.Feedback(now.Add(delay), report)
		}
	}
	if q := s.path.queue(2); q > time.Millisecond {
		t.Fatalf("a queue of %v", q)
	}
}

func TestSender_ALatePacketIsNotLost(t *testing.T) {
	s := NewSender(Options{Feedback: true})
	var rec twcc.Recorder
	due := map[time.Time]uint16{} // arrivals of those that are overtaken
	told := false
	for i := range 1000 {
		now := epoch.Add(time.Duration(i) * 5 * time.Millisecond)
		seq := s.Sent(now, 1000, Media)
		if late, ok := due[now]; ok {
			rec.Add(late, now)
		}
		if i%6 == 0 {
			due[now.Add(95*time.Millisecond)] = seq
		} else {
			rec.Add(seq, now)
		}
		if rec.Due(now) {
			report, err := twcc.Parse(rec.Feedback(now, 1, 2, nil))
			if err != nil {
				t.Fatal(err)
			}
			s.Feedback(now, report)
			ratio, _ := s.losses.ratio()
			told = told || ratio > 0
			if i > 200 && ratio > 0.05 {
				t.Fatalf("%v are lost of packets that are only late", ratio)
			}
		}
	}
	if !told {
		t.Fatal("none was told to be absent: the test shows nothing")
	}
}

func TestSender_IgnoresFeedbackOnWhatItNeverSent(t *testing.T) {
	var rec twcc.Recorder
	for i := range 100 {
		rec.Add(uint16(30_000+i), epoch)
	}
	report, err := twcc.Parse(rec.Feedback(epoch, 1, 2, nil))
	if err != nil {
		t.Fatal(err)
	}
	s := NewSender(Options{Feedback: true})
	s.Feedback(epoch, report) // before anything was sent
	s.Sent(epoch, 1000, Media)
	s.Feedback(epoch, report)
	if s.acknowledged(10) != 0 || s.told > first {
		t.Fatalf("%v arrived, told up to %d", s.acknowledged(10), s.told)
	}
}

func TestCause_HasAName(t *testing.T) {
	for c := Start; c <= Reports; c++ {
		if c.String() == "" || c.String() == "unknown" {
			t.Errorf("%d has none", c)
		}
	}
	if Cause(200).String() != "unknown" {
		t.Error("a name for nothing")
	}
}

// FuzzSender holds that whatever a receiver tells, the budget keeps its bounds.
func FuzzSender(f *testing.F) {
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 1, 0, 0x20, 1, 4, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := NewSender(Options{Feedback: true, Floor: 100_000, Ceiling: 8 * mega})
		s.Want(1 << 40)
		now := epoch
		for i := 0; i+22 <= len(b); i += 22 {
			for j := range 30 {
				now = now.Add(time.Duration(b[i]) * time.Millisecond / 4)
				s.Sent(now, 1200, Kind(j%3))
				s.Probe(now)
				s.Padding(now)
			}
			header := []byte{0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2}
			raw := append(header, b[i:]...)
			raw[3] = byte(len(raw)/4 - 1)
			if len(raw) > 1020 {
				raw[3] = 254
			}
			if report, err := twcc.Parse(raw); err == nil {
				s.Feedback(now, report)
			}
			if s.Budget() < 100_000 || s.Budget() > 8*mega {
				t.Fatalf("budget %d: %+v", s.Budget(), s.Reason())
			}
		}
	})
}

func BenchmarkSender_PacketWithItsShareOfFeedback(b *testing.B) {
	s := NewSender(Options{Feedback: true})
	var rec twcc.Recorder
	buffer, now := make([]byte, 0, 1500), epoch
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(3 * time.Millisecond)
		rec.Add(s.Sent(now, 1200, Media), now)
		if rec.Due(now) {
			report, _ := twcc.Parse(rec.Feedback(now, 1, 2, buffer[:0]))
			s.Feedback(now, report)
		}
	}
}

func TestSender_MayAgreeOnFeedbackAfterItWasMade(t *testing.T) {
	late := NewSender(Options{Start: 1_000_000})
	late.Agree()
	if early := NewSender(Options{Start: 1_000_000, Feedback: true}); !reflect.DeepEqual(late, early) {
		t.Errorf("made without feedback and agreed later: %+v, with it: %+v", late, early)
	}
}
