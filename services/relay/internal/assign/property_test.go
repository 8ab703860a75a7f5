package assign

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
)

// lesson is a random course of a lesson from one viewer's side.
type lesson struct {
	*rand.Rand
	in Input
}

func newLesson(seed uint64) *lesson {
	r := rand.New(rand.NewPCG(seed, 5))
	return &lesson{r, Input{Viewer: "p0", AudioSlots: 1 + r.IntN(4), VideoSlots: 1 + r.IntN(10)}}
}

// step draws new sources and wants; most of both stay as they were.
func (l *lesson) step() {
	l.in.Sources = l.in.Sources[:0:0]
	for who := range 12 {
		for kind := Microphone; kind <= DocumentCamera; kind++ {
			l.in.Sources = append(l.in.Sources, Source{
				SourceID: SourceID{"p" + strconv.Itoa(who), kind},
				Standing: Standing(1 + (who+l.IntN(2))%4), Rank: uint32(who), Active: l.IntN(3) > 0,
			})
		}
	}
	if l.IntN(3) > 0 {
		return
	}
	l.in.Wants = Wants{}
	for range l.IntN(l.in.VideoSlots + 1) {
		want := SourceID{}
		if l.IntN(2) > 0 {
			want = SourceID{"p" + strconv.Itoa(l.IntN(14)), Kind(l.IntN(6))}
		}
		l.in.Wants.Video = append(l.in.Wants.Video, want)
	}
}

// each runs claim over many steps of many lessons.
func each(t *testing.T, claim func(t *testing.T, l *lesson, got Assignment, changes []Change)) {
	for seed := range uint64(60) {
		l := newLesson(seed)
		for range 30 {
			l.step()
			got, changes := Assign(l.in)
			claim(t, l, got, changes)
			if t.Failed() {
				t.Fatalf("seed %d: %s | %s", seed, show(got.Audio), show(got.Video))
			}
			l.in.Previous = got
		}
	}
}

func TestProperty_SourcesFillAtMostOneSlotOfTheirMedium(t *testing.T) {
	each(t, func(t *testing.T, l *lesson, got Assignment, _ []Change) {
		seen := map[SourceID]bool{}
		for audio, list := range map[bool][]Slot{true: got.Audio, false: got.Video} {
			for _, slot := range list {
				switch {
				case slot.Source == SourceID{}:
				case seen[slot.Source], slot.Source.Participant == l.in.Viewer, slot.Source.Kind.Audio() != audio:
					t.Errorf("%+v must not be there", slot.Source)
				}
				seen[slot.Source] = true
			}
		}
	})
}

func TestProperty_NoSlotIsIdleWhileASourceWaits(t *testing.T) {
	each(t, func(t *testing.T, l *lesson, got Assignment, _ []Change) {
		for audio, list := range map[bool][]Slot{true: got.Audio, false: got.Video} {
			placed, idle := map[SourceID]bool{}, 0
			for n, slot := range list {
				placed[slot.Source] = true
				asked := !audio && n < len(l.in.Wants.Video) && l.in.Wants.Video[n] != SourceID{}
				if slot.Source == (SourceID{}) && !asked {
					idle++
				}
			}
			for _, s := range eligible(l.in, audio) {
				if idle > 0 && !placed[s.SourceID] {
					t.Errorf("%+v waits beside an idle slot", s.SourceID)
				}
			}
		}
	})
}

func TestProperty_WhoStaysAssignedStaysInItsSlot(t *testing.T) {
	each(t, func(t *testing.T, l *lesson, got Assignment, _ []Change) {
		for n, slot := range l.in.Previous.Video {
			for m, now := range got.Video {
				wanted := false
				for i, want := range l.in.Wants.Video {
					wanted = wanted || want != SourceID{} && (i == n || want == slot.Source)
				}
				if slot.Source != (SourceID{}) && now.Source == slot.Source && m != n && !wanted {
					t.Errorf("%+v moved from %d to %d", slot.Source, n, m)
				}
			}
		}
	})
}

func TestProperty_NobodyOfALowerGroupDisplacesAHigherOne(t *testing.T) {
	each(t, func(t *testing.T, l *lesson, got Assignment, _ []Change) {
		groups, worst := map[SourceID]int{}, 0
		for _, s := range eligible(l.in, true) {
			groups[s.SourceID], _ = s.group()
		}
		for _, slot := range got.Audio { // no wants there
			worst = max(worst, groups[slot.Source])
			delete(groups, slot.Source)
		}
		for id, group := range groups {
			if group < worst {
				t.Errorf("%+v goes without although a lower group has a slot", id)
			}
		}
	})
}

func TestProperty_OrderOfSourcesPlaysNoPart(t *testing.T) {
	each(t, func(t *testing.T, l *lesson, got Assignment, changes []Change) {
		other := l.in
		other.Sources = append([]Source(nil), l.in.Sources...)
		l.Shuffle(len(other.Sources), func(i, j int) {
			other.Sources[i], other.Sources[j] = other.Sources[j], other.Sources[i]
		})
		if again, moved := Assign(other); !reflect.DeepEqual(again, got) || !reflect.DeepEqual(moved, changes) {
			t.Error("another order gave another answer")
		}
	})
}

func TestProperty_GenerationsGrowExactlyWithChanges(t *testing.T) {
	each(t, func(t *testing.T, l *lesson, got Assignment, changes []Change) {
		changed := map[int]uint64{}
		for _, c := range changes {
			if !c.Audio {
				changed[c.Index] = c.Generation
			}
		}
		for n, slot := range got.Video {
			var before Slot
			if n < len(l.in.Previous.Video) {
				before = l.in.Previous.Video[n]
			}
			if generation, ok := changed[n]; ok != (slot.Source != before.Source) || ok && generation != before.Generation+1 {
				t.Errorf("slot %d went from %+v to %+v", n, before, slot)
			}
		}
	})
}

func BenchmarkAssign_TenSlots(b *testing.B) {
	l := newLesson(1)
	l.in.AudioSlots, l.in.VideoSlots = 4, 10
	l.step()
	l.in.Previous, _ = Assign(l.in)
	b.ReportAllocs()
	for b.Loop() {
		Assign(l.in)
	}
}
