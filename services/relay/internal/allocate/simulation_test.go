package allocate

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/estimate"
	"github.com/tongke-edu/tongke/services/relay/internal/layer"
	"github.com/tongke-edu/tongke/services/relay/internal/twcc"
)

// line is a simulated downlink: a queue in front of a rate, a delay, and a receiver that tells what arrives. What is
// sent on it is what a viewer's slots were given. Time is handed on in steps of one millisecond.
type line struct {
	*viewer
	sender   *estimate.Sender
	recorder twcc.Recorder
	rate     float64 // bits per second
	backlog  float64 // octets before the rate
	flying   []arriving
	tight    time.Time

	owed    map[*Slot]float64
	carried map[*Slot]string

	// Since the last reset.
	offered, voices, silenced, changes int
}

// arriving is a packet or a report on its way.
type arriving struct {
	at     time.Time
	seq    uint16
	report []byte
}

const (
	oneWay    = 30 * time.Millisecond
	buffer    = 60_000 // octets
	packet    = 1200
	frameTime = 40 * time.Millisecond
)

func newLine(v *viewer, rate float64) *line {
	return &line{
		viewer: v, rate: rate, sender: estimate.NewSender(estimate.Options{Feedback: true}),
		owed: map[*Slot]float64{}, carried: map[*Slot]string{},
	}
}

func (l *line) reset() { l.offered, l.voices, l.silenced, l.changes = 0, 0, 0, 0 }

// run lets time pass, and says after each decision what is sent.
func (l *line) run(lasts time.Duration, each func(since time.Duration)) {
	began := l.now
	for l.now.Sub(began) < lasts {
		l.now = l.now.Add(time.Millisecond)
		since := l.now.Sub(epoch)
		if since%tick == 0 {
			l.decide()
			if each != nil {
				each(l.now.Sub(began))
			}
		}
		if since%frameTime == 0 {
			l.film()
		}
		if since%(10*time.Millisecond) == 0 {
			if l.sender.Probe(l.now) {
				for missing := l.sender.Padding(l.now); missing > 200; missing -= packet {
					l.send(min(missing, packet), estimate.Padding)
				}
			}
		}
		l.carry()
	}
}

func (l *line) decide() {
	if why := l.sender.Reason(); why.To < why.From || why.Cause == estimate.ProbeFailed {
		l.tight = l.now
	}
	for _, s := range l.order {
		for i := range s.Layers {
			s.Layers[i].LastPacket = l.now
		}
	}
	l.out = Share(l.now, Budget{l.sender.Budget(), l.now.Sub(l.tight) < 30*time.Second}, l.order)
	l.sender.Want(l.out.Want)
	l.sender.Floor(l.out.Floor)
	for _, s := range l.order {
		before := l.carried[s]
		if l.carried[s] = s.String(); l.carried[s] == before {
			continue
		}
		l.changes++
		if !s.Class.sound() && s.Layer != layer.None {
			l.owed[s] += 5 * float64(s.Bitrate) / 8 * frameTime.Seconds() // a keyframe
		}
	}
}

// film sends a frame of all that is carried, and what a voice says meanwhile.
func (l *line) film() {
	for _, s := range l.order {
		if s.Layer == layer.None {
			continue
		}
		if s.Class.sound() {
			for range 2 {
				l.voices++
				if !l.send(s.Bitrate/8/50, estimate.Media) {
					l.silenced++
				}
			}
			continue
		}
		l.owed[s] += float64(s.Bitrate) / 8 * frameTime.Seconds()
		for ; l.owed[s] > 0; l.owed[s] -= packet {
			l.send(int(min(l.owed[s], packet)), estimate.Media)
		}
		l.owed[s] = 0
	}
}

// send puts a packet onto the line; false when its queue is full.
func (l *line) send(size int, kind estimate.Kind) bool {
	seq := l.sender.Sent(l.now, size, kind)
	l.offered += size
	if l.backlog+float64(size) > buffer {
		return false
	}
	l.backlog += float64(size)
	wait := time.Duration(l.backlog * 8 / l.rate * float64(time.Second))
	l.flying = append(l.flying, arriving{at: l.now.Add(wait + oneWay), seq: seq})
	return true
}

// carry moves what is on its way, there and back.
func (l *line) carry() {
	l.backlog = max(0, l.backlog-l.rate/8/1000)
	left := l.flying[:0]
	for _, f := range l.flying {
		switch {
		case f.at.After(l.now):
			left = append(left, f)
		case f.report != nil:
			if r, err := twcc.Parse(f.report); err == nil {
				l.sender.Feedback(l.now, r)
			}
		default:
			l.recorder.Add(f.seq, f.at)
		}
	}
	l.flying = left
	if l.recorder.Due(l.now) {
		l.flying = append(l.flying, arriving{at: l.now.Add(oneWay), report: l.recorder.Feedback(l.now, 1, 2, nil)})
	}
}

// bits is what was sent per second since the last reset.
func (l *line) bits(over time.Duration) float64 { return float64(l.offered) * 8 / over.Seconds() }

// lecture is what a classroom sees: the teacher, a screen, and three other classrooms.
func lecture(t testing.TB) *viewer {
	v := newViewer(t)
	v.add("leadVoice", LeadVoice, 0, single(32_000))
	v.add("lead", Lead, 720, layered())
	v.add("screen", Content, 720, single(250_000))
	for _, name := range []string{"a", "b", "c"} {
		v.add(name, Thumbnail, 180, layered())
	}
	return v
}

func TestSimulation_ACapComesAndGoes(t *testing.T) {
	l := newLine(lecture(t), 3_000_000)
	l.run(15*time.Second, nil)
	l.has("lead", "f")

	l.rate = 500_000
	var under time.Duration
	l.reset()
	l.run(10*time.Second, func(since time.Duration) {
		if under == 0 && l.out.Used < 500_000 {
			under = since
		}
	})
	if under == 0 || under > 600*time.Millisecond {
		t.Errorf("less than the cap is given after %v", under)
	}
	if lost := float64(l.silenced) / float64(l.voices); lost > 0.02 {
		t.Errorf("%.1f %% of the sound is lost", 100*lost)
	}
	l.reset()
	l.run(10*time.Second, nil)
	if sent := l.bits(10 * time.Second); sent > 500_000 || l.silenced > 0 {
		t.Errorf("%.0f bit/s are sent under the cap, %d of %d packets of sound lost", sent, l.silenced, l.voices)
	}

	l.rate = 3_000_000
	var back time.Duration
	l.run(20*time.Second, func(since time.Duration) {
		if back == 0 && l.slots["lead"].String() == "f" {
			back = since
		}
	})
	if back == 0 || back > 12*time.Second {
		t.Errorf("the teacher is back in full after %v", back)
	}
	t.Logf("under the cap after %v, back after %v", under, back)
}

// A line of any rate: what is sent stays below it, sound comes through, and after some seconds pictures change seldom.
func TestSimulation_ALineThatStaysIsLeftInPeace(t *testing.T) {
	for _, rate := range []float64{200_000, 300_000, 400_000, 600_000, 900_000, 1_300_000, 2_000_000, 5_000_000} {
		l := newLine(lecture(t), rate)
		l.run(30*time.Second, nil)
		l.reset()
		l.run(60*time.Second, nil)
		sent := l.bits(time.Minute)
		t.Logf("%4.0f kbit/s: %4.0f sent, %d changes, %d of %d packets of sound lost; lead %s, screen %s, others %s %s %s",
			rate/1000, sent/1000, l.changes, l.silenced, l.voices, l.slots["lead"], l.slots["screen"], l.slots["a"], l.slots["b"], l.slots["c"])
		if sent > rate || l.silenced*100 > l.voices || l.changes > 4 {
			t.Errorf("%.0f kbit/s: %.0f sent, %d changes, %d of %d packets of sound lost", rate/1000, sent/1000, l.changes, l.silenced, l.voices)
		}
	}
}
