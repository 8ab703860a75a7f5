package speaker

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// dtx is a level for "no packet".
const dtx = 255

// room is a few microphones, a chooser and a clock.
type room struct {
	*Chooser[string]
	now     time.Time
	mics    map[string]*Microphone
	order   []string
	changes int
}

func newRoom(places int, names ...string) *room {
	r := &room{Chooser: NewChooser[string](places), now: epoch, mics: map[string]*Microphone{}, order: names}
	for _, name := range names {
		r.mics[name] = &Microphone{}
		r.Add(name, r.mics[name])
	}
	return r
}

// sound lets time pass with a level for each microphone in the order of names, one packet per 20 ms.
func (r *room) sound(d time.Duration, level func(name int) uint8) {
	for end := r.now.Add(d); r.now.Before(end); {
		r.now = r.now.Add(20 * time.Millisecond)
		for i, name := range r.order {
			if l := level(i); l != dtx {
				r.mics[name].Heard(l, r.now)
			}
		}
		if r.Choose(r.now) {
			r.changes++
		}
	}
}

func levels(list ...uint8) func(int) uint8 { return func(i int) uint8 { return list[i] } }

func (r *room) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := r.Speakers(nil); !slices.Equal(got, want) {
		t.Fatalf("%v speak, want %v", got, want)
	}
}

func TestLevel(t *testing.T) {
	for _, row := range []struct {
		extension []byte
		level     uint8
		ok        bool
	}{{nil, 127, false}, {[]byte{0x80 | 30}, 30, true}, {[]byte{30, 0}, 30, true}, {[]byte{0xff}, 127, true}} {
		if level, ok := Level(row.extension); level != row.level || ok != row.ok {
			t.Errorf("%x: %d, %v", row.extension, level, ok)
		}
	}
}

func TestChooser_WhoSpeaksTakesAFreePlaceAtOnce(t *testing.T) {
	r := newRoom(1, "a", "b")
	r.sound(time.Second, levels(127, 80))
	r.expect(t)
	r.sound(100*time.Millisecond, levels(127, 30))
	r.expect(t, "b")
}

func TestChooser_APauseKeepsThePlaceAndSilenceFreesIt(t *testing.T) {
	for claim, silence := range map[string]uint8{"quiet packets": 127, "no packets": dtx, "noise of a room": 70} {
		t.Run(claim, func(t *testing.T) {
			r := newRoom(1, "a")
			r.sound(3*time.Second, levels(30))
			r.sound(1800*time.Millisecond, levels(silence))
			r.expect(t, "a")
			r.sound(time.Second, levels(silence))
			r.expect(t)
		})
	}
}

func TestChooser_TheClearlyLouderTakesThePlaceAfterAWhile(t *testing.T) {
	r := newRoom(1, "a", "b")
	r.sound(2*time.Second, levels(40, 127))
	r.sound(200*time.Millisecond, levels(40, 25))
	r.expect(t, "a")
	r.sound(300*time.Millisecond, levels(40, 25))
	r.expect(t, "b")
}

func TestChooser_ACoughTakesNoPlace(t *testing.T) {
	r := newRoom(1, "a", "b")
	r.sound(2*time.Second, levels(40, 127))
	for range 20 {
		r.sound(160*time.Millisecond, levels(40, 10))
		r.sound(time.Second, levels(40, 127))
	}
	r.expect(t, "a")
	if r.changes != 1 {
		t.Fatalf("%d changes", r.changes)
	}
}

func TestChooser_EquallyLoudOnesDoNotTakeTurns(t *testing.T) {
	r := newRoom(2, "a", "b", "c", "d")
	rng := rand.New(rand.NewPCG(3, 4))
	alike := func(int) uint8 { return uint8(35 + rng.IntN(10)) }
	r.sound(time.Second, alike)
	before := r.Speakers(nil)
	r.sound(2*time.Minute, alike)
	r.expect(t, before...)
	if len(before) != 2 || r.changes > 2 {
		t.Fatalf("%d changes among %v", r.changes, before)
	}
}

func TestChooser_ADialogueFollowsTheSpeakers(t *testing.T) {
	r := newRoom(1, "a", "b")
	for range 10 {
		r.sound(4*time.Second, levels(35, 90))
		r.expect(t, "a")
		r.sound(4*time.Second, levels(90, 35))
		r.expect(t, "b")
	}
	if r.changes != 20 {
		t.Fatalf("%d changes in 20 turns", r.changes)
	}
}

func TestChooser_ANewHolderIsNotTurnedOutWithinASecond(t *testing.T) {
	r := newRoom(1, "a", "b")
	r.sound(100*time.Millisecond, levels(40, 127))
	r.expect(t, "a")
	r.sound(800*time.Millisecond, levels(40, 10))
	r.expect(t, "a")
	r.sound(300*time.Millisecond, levels(40, 10))
	r.expect(t, "b")
}

func TestChooser_TheQuietestHolderGivesWay(t *testing.T) {
	r := newRoom(2, "a", "b", "c")
	r.sound(2*time.Second, levels(20, 45, 127))
	r.sound(time.Second, levels(20, 45, 30))
	r.expect(t, "a", "c")
}

func TestChooser_WhoLeavesLeavesThePlace(t *testing.T) {
	r := newRoom(1, "a", "b")
	r.sound(2*time.Second, levels(30, 32))
	r.expect(t, "a")
	r.Remove("a")
	r.expect(t)
	r.sound(20*time.Millisecond, levels(30, 32))
	r.expect(t, "b")
	r.Add("b", &Microphone{}) // a new connection
	r.expect(t)
}

func TestMicrophone_LosesNoPlaceByALostPacket(t *testing.T) {
	var m Microphone
	for i := range 100 {
		if i%5 != 0 {
			m.Heard(40, epoch.Add(time.Duration(i)*20*time.Millisecond))
		}
	}
	if got := m.Loudness(epoch.Add(2 * time.Second)); got < 80 {
		t.Fatalf("%d dB", got)
	}
}

func TestMicrophone_IsReadWhilePacketsCome(t *testing.T) {
	var m Microphone
	var group sync.WaitGroup
	group.Go(func() {
		for i := range 1000 {
			m.Heard(uint8(i), epoch.Add(time.Duration(i)*time.Millisecond))
		}
	})
	for range 1000 {
		if got := m.Loudness(epoch); got < 0 || got > 127 {
			t.Errorf("%d dB", got)
		}
	}
	group.Wait()
}

func TestSpeaker_AllocatesNothing(t *testing.T) {
	r := newRoom(2, "a", "b", "c", "d")
	out := make([]string, 0, 4)
	n := 0
	allocs := testing.AllocsPerRun(1000, func() {
		n++
		r.now = r.now.Add(20 * time.Millisecond)
		for i, name := range r.order {
			r.mics[name].Heard(uint8(20+(n/100+i*30)%100), r.now)
		}
		r.Choose(r.now)
		out = r.Speakers(out[:0])
	})
	if allocs != 0 {
		t.Fatalf("%v allocations", allocs)
	}
}

func TestChooser_WhoHasAPlaceLongestKeepsItWhenPlacesGetFewer(t *testing.T) {
	r := newRoom(2, "a", "b", "c")
	r.sound(100*time.Millisecond, levels(dtx, 20, dtx))
	r.sound(100*time.Millisecond, levels(20, 20, dtx))
	r.expect(t, "b", "a")
	r.Resize(1)
	r.expect(t, "b")
	r.sound(time.Second, levels(20, 20, dtx))
	r.expect(t, "b")
	r.Resize(3)
	r.sound(100*time.Millisecond, levels(20, 20, 20))
	r.expect(t, "b", "a", "c")
}
