package layer

import (
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// camera has all three layers live at a moment.
func camera(at time.Time) []Layer {
	return []Layer{
		{RID: "q", Height: 180, Bitrate: 100_000, LastPacket: at},
		{RID: "h", Height: 360, Bitrate: 300_000, LastPacket: at},
		{RID: "f", Height: 720, Bitrate: 900_000, LastPacket: at},
	}
}

const plenty = 10_000_000

func TestChooser_FirstChoice(t *testing.T) {
	rows := []struct {
		claim        string
		silent       string // rids that send nothing
		want, budget int
		choice       int
	}{
		{"lowest that is high enough", "", 300, plenty, 1},
		{"exactly high enough", "", 360, plenty, 1},
		{"highest when none is high enough", "", 1080, plenty, 2},
		{"small tile", "", 90, plenty, 0},
		{"budget limits", "", 720, 500_000, 1},
		{"lowest whatever the budget", "", 720, 1, 0},
		{"silent layer is passed over upwards", "q", 90, plenty, 1},
		{"silent layer is passed over downwards", "f", 720, plenty, 1},
		{"lowest live whatever the budget", "q", 90, 1, 1},
		{"paused", "", 0, plenty, None},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			layers := camera(epoch)
			for i, l := range layers {
				for _, rid := range row.silent {
					if l.RID == string(rid) {
						layers[i].LastPacket = epoch.Add(-Silence - 1)
					}
				}
			}
			var c Chooser
			if got := c.Choose(epoch, layers, row.want, row.budget); got != row.choice {
				t.Fatalf("chose %d, want %d", got, row.choice)
			}
		})
	}
}

// run chooses at a moment and expects an answer.
func run(t *testing.T, c *Chooser, after time.Duration, want, budget, choice int) {
	t.Helper()
	now := epoch.Add(after)
	if got := c.Choose(now, camera(now), want, budget); got != choice {
		t.Fatalf("after %v: chose %d, want %d", after, got, choice)
	}
}

func TestChooser_FallsAtOnceAndRisesAfterHolding(t *testing.T) {
	var c Chooser
	run(t, &c, 0, 720, plenty, 2)
	run(t, &c, 100*time.Millisecond, 720, 400_000, 1)
	run(t, &c, 200*time.Millisecond, 720, 150_000, 0)
	run(t, &c, time.Second, 720, plenty, 0)
	run(t, &c, time.Second+Hold-1, 720, plenty, 0)
	run(t, &c, time.Second+Hold, 720, plenty, 2)
}

func TestChooser_HoldStartsAnewAfterADip(t *testing.T) {
	var c Chooser
	run(t, &c, 0, 720, 150_000, 0)
	run(t, &c, 1*time.Second, 720, plenty, 0)
	run(t, &c, 2*time.Second, 720, 150_000, 0)
	run(t, &c, 3*time.Second, 720, plenty, 0)
	run(t, &c, 4*time.Second, 720, plenty, 0)
	run(t, &c, 5*time.Second, 720, plenty, 2)
}

func TestChooser_RisesAtOnceWhenTheViewerAsksForMore(t *testing.T) {
	var c Chooser
	run(t, &c, 0, 90, plenty, 0)
	run(t, &c, time.Millisecond, 720, plenty, 2)
	run(t, &c, 2*time.Millisecond, 90, plenty, 0)
}

func TestChooser_LeavesASilentLayerAtOnce(t *testing.T) {
	var c Chooser
	run(t, &c, 0, 90, plenty, 0)
	now := epoch.Add(time.Minute)
	layers := camera(now)
	layers[0].LastPacket = epoch
	if got := c.Choose(now, layers, 90, plenty); got != 1 {
		t.Fatalf("chose %d although q is silent", got)
	}
}

func TestChooser_TakesAStillScreenSoThatItCanBeWoken(t *testing.T) {
	var c Chooser
	screen := []Layer{{Height: 1080, Bitrate: 50_000}}
	if got := c.Choose(epoch, screen, 720, plenty); got != None {
		t.Fatal("a layer that never sent anything must not be chosen")
	}
	screen[0].LastPacket = epoch
	for _, after := range []time.Duration{time.Minute, time.Hour} {
		if got := c.Choose(epoch.Add(after), screen, 720, plenty); got != 0 {
			t.Fatalf("after %v: chose %d", after, got)
		}
	}
}

func TestChooser_OfSilentLayersTakesTheOneHeardLast(t *testing.T) {
	var c Chooser
	layers := camera(epoch)
	layers[1].LastPacket = epoch.Add(time.Second)
	if got := c.Choose(epoch.Add(time.Minute), layers, 720, plenty); got != 1 {
		t.Fatalf("chose %d", got)
	}
}

func TestChooser_SurvivesVanishedLayers(t *testing.T) {
	var c Chooser
	run(t, &c, 0, 720, plenty, 2)
	if got := c.Choose(epoch, camera(epoch)[:1], 720, plenty); got != 0 {
		t.Fatalf("chose %d of one layer", got)
	}
	if got := c.Choose(epoch, nil, 720, plenty); got != None {
		t.Fatalf("chose %d of none", got)
	}
}

func TestFillHeights_GuessesFromSiblings(t *testing.T) {
	rows := []struct {
		claim   string
		in, out []Layer
	}{
		{"from the lowest", []Layer{{RID: "q", Height: 135}, {RID: "h"}, {RID: "f"}}, []Layer{{RID: "q", Height: 135}, {RID: "h", Height: 270}, {RID: "f", Height: 540}}},
		{"from the highest", []Layer{{RID: "q"}, {RID: "f", Height: 1080}}, []Layer{{RID: "q", Height: 270}, {RID: "f", Height: 1080}}},
		{"from nothing", []Layer{{RID: "h"}, {RID: ""}}, []Layer{{RID: "h", Height: 360}, {RID: "", Height: 720}}},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			FillHeights(row.in)
			for i := range row.in {
				if row.in[i] != row.out[i] {
					t.Fatalf("layer %d is %+v, want %+v", i, row.in[i], row.out[i])
				}
			}
		})
	}
}

func TestChooser_AllocatesNothing(t *testing.T) {
	var c Chooser
	layers := camera(epoch)
	if allocs := testing.AllocsPerRun(100, func() { c.Choose(epoch, layers, 360, plenty) }); allocs != 0 {
		t.Fatalf("%v allocations", allocs)
	}
}
