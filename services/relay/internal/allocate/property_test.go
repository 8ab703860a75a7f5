package allocate

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/layer"
)

const seeds = 40

// anyViewer has slots of any class with any source.
func anyViewer(t *testing.T, rng *rand.Rand) *viewer {
	v := newViewer(t)
	for range 1 + rng.IntN(12) {
		class := Class(rng.IntN(int(Thumbnail) + 1))
		layers := [][]layer.Layer{camera(), layered(), single(50_000 + rng.IntN(1_500_000))}[rng.IntN(3)]
		if class.sound() {
			layers = single(rng.IntN(64_000))
		}
		for i := range layers {
			factor := 50 + rng.IntN(100)
			layers[i].Bitrate = layers[i].Bitrate * factor / 100
			for n := range layers[i].Upto {
				layers[i].Upto[n] = layers[i].Upto[n] * factor / 100
			}
		}
		v.add(string('a'+rune(len(v.order))), class, []int{90, 180, 360, 720}[rng.IntN(4)], layers)
	}
	return v
}

// fixed is what is given whatever the budget.
func (v *viewer) fixed() int { return v.out.Floor }

func TestShare_IsNeverOverTheBudget(t *testing.T) {
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 1))
		v := anyViewer(t, rng)
		for range 100 {
			budget := rng.IntN(5_000_000)
			v.share(budget, time.Duration(rng.IntN(40))*tick)
			used := 0
			for _, s := range v.order {
				if s.Layer != layer.None {
					used += s.Bitrate
				}
			}
			if used != v.out.Used || used > max(budget, v.fixed()) {
				t.Fatalf("seed %d: %d used (%d said) of %d, %d is fixed", seed, used, v.out.Used, budget, v.fixed())
			}
		}
	}
}

func TestShare_PausesNobodyForTheLessImportant(t *testing.T) {
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 2))
		v := anyViewer(t, rng)
		for range 20 {
			budget := rng.IntN(1_500_000)
			v.share(budget, 10*time.Second)
			before := 0
			for _, s := range v.order {
				if s.secured {
					before += s.ladder[0].cost
				}
			}
			for _, s := range v.order { // in order of importance
				least := s.ladder[0].cost
				switch {
				case s.secured:
				case !s.Paused:
					before += least
				case (before+least)*(100+room)/100 <= budget:
					t.Fatalf("seed %d: %d is paused although %d beside %d fit into %d", seed, s.Class, least, before, budget)
				}
			}
		}
	}
}

// More budget never takes from the more important to give to the less: at the first difference, in the order in which
// things are given, the larger budget gives more.
func TestShare_IsMonotoneInTheBudget(t *testing.T) {
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 3))
		v := anyViewer(t, rng)
		var last []int
		for budget := 0; budget < 6_000_000; budget += 1 + rng.IntN(100_000) {
			for _, s := range v.order {
				s.Reset()
			}
			v.share(budget, 0)
			var given []int
			for _, s := range v.order {
				given = append(given, cmp.Compare(s.next, -1))
			}
			for _, s := range v.order {
				given = append(given, s.next)
			}
			if slices.Compare(given, last) < 0 {
				t.Fatalf("seed %d: %d gives %v, less gave %v", seed, budget, given, last)
			}
			last = given
		}
	}
}

func TestShare_DoesNotFlapWhenMeasuresWobble(t *testing.T) {
	for seed := range uint64(seeds) {
		rng := rand.New(rand.NewPCG(seed, 4))
		v := anyViewer(t, rng)
		budget := 200_000 + rng.IntN(3_000_000)
		v.share(budget, 10*time.Second)
		rates := map[*Slot][]layer.Layer{}
		for _, s := range v.order {
			rates[s] = slices.Clone(s.Layers)
		}
		carried, changes := map[*Slot]string{}, map[*Slot]int{}
		for range 120 { // seconds
			for s, layers := range rates {
				factor := 960 + rng.IntN(80)
				for i, l := range layers {
					s.Layers[i].Bitrate = l.Bitrate * factor / 1000
					for n := range l.Upto {
						s.Layers[i].Upto[n] = l.Upto[n] * factor / 1000
					}
				}
			}
			v.share(budget*(980+rng.IntN(40))/1000, time.Second)
			for _, s := range v.order {
				if s.String() != carried[s] {
					carried[s] = s.String()
					changes[s]++
				}
			}
		}
		for s, n := range changes {
			if n > 4 {
				t.Errorf("seed %d: a slot of class %d changed %d times in 2 minutes", seed, s.Class, n)
			}
		}
	}
}
