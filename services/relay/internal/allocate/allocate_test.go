package allocate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/assign"
)

func TestShare_GivesEachItsLeastAndThenMoreInOrder(t *testing.T) {
	for _, row := range []struct {
		budget int
		claim  string
		want   string // stage, screen, lead, camera, thumbnail; the voices take 80 kbit/s
	}{
		{4_000_000, "everything", "f  f h q"},
		{2_200_000, "the lead is not best, cameras are better", "f  h h q"},
		{2_000_000, "the lead is better before cameras are", "f  h q q"},
		{1_700_000, "the stage before the lead", "f  q q q"},
		{1_650_000, "what is left serves the next in order", "h  h h q"},
		{1_100_000, "as far as it goes", "h  q q q"},
		{730_000, "the least of everything", "q  q q q"},
		{720_000, "thumbnails are paused first", "q  q q paused"},
		{620_000, "then cameras", "q  q paused paused"},
		{520_000, "a large screen does not stand in the way of small pictures", "q paused q q q"},
		{400_000, "of those too the least important are paused first", "q paused q q paused"},
		{300_000, "the stage is the last", "q paused q paused paused"},
		{200_000, "but for the least of the lead", "paused paused q paused paused"},
	} {
		t.Run(row.claim, func(t *testing.T) {
			v := school(t)
			v.share(row.budget, 0)
			names := []string{"stage", "screen", "lead", "camera", "thumbnail"}
			got := make([]string, len(names))
			for i, name := range names {
				got[i] = v.slots[name].String()
			}
			if s := strings.Join(got, " "); s != row.want {
				t.Errorf("with %d: %q, want %q (%d used)", row.budget, s, row.want, v.out.Used)
			}
			v.has("leadVoice", "")
			v.has("voice", "")
		})
	}
}

func TestShare_TheOnlyVoiceIsNeverPaused(t *testing.T) {
	v := newViewer(t)
	v.add("voice", Voice, 0, single(20_000)).Copies = 3
	v.add("camera", Camera, 360, camera())
	v.share(0, 0)
	v.has("voice", "")
	v.has("camera", "paused")
}

func TestShare_TheLeadsVoiceIsNeverPaused(t *testing.T) {
	v := school(t)
	v.share(179_000, 0)
	v.has("leadVoice", "")
	v.has("voice", "paused")
	v.has("lead", "q")
	v.share(0, 0)
	v.has("leadVoice", "")
	if v.out.Floor < v.slots["leadVoice"].Bitrate {
		t.Errorf("a floor of %d", v.out.Floor)
	}
}

func TestShare_FallsAtOnceAndRisesAfterHold(t *testing.T) {
	v := newViewer(t)
	v.add("lead", Lead, 720, camera())
	v.share(2_000_000, 0)
	v.has("lead", "f")
	v.share(400_000, 0)
	v.has("lead", "h")
	v.share(150_000, 0)
	v.has("lead", "q")
	v.share(2_000_000, Hold)
	v.has("lead", "q")
	v.share(2_000_000, 2*tick)
	v.has("lead", "f")
}

func TestShare_HoldStartsAnewAfterADip(t *testing.T) {
	v := newViewer(t)
	v.add("lead", Lead, 720, camera())
	v.share(150_000, 0)
	for range 5 {
		v.share(2_000_000, Hold-2*tick)
		v.share(150_000, 0)
		v.has("lead", "q")
	}
}

func TestShare_WaitsLongerWhenTheLastRiseDidNotLast(t *testing.T) {
	v := newViewer(t)
	v.add("lead", Lead, 720, camera())
	v.share(150_000, 0)
	waits := func() time.Duration {
		began := v.now
		for v.slots["lead"].String() == "q" {
			v.share(400_000, 0)
		}
		v.share(150_000, 0)
		return v.now.Sub(began).Round(time.Second)
	}
	for _, want := range []time.Duration{Hold, 2 * Hold, 4 * Hold, longestHold, longestHold} {
		if got := waits(); got != want {
			t.Errorf("rises after %v, want %v", got, want)
		}
	}
	v.share(150_000, steady)
	if got := waits(); got != Hold {
		t.Errorf("rises after %v when the relapses are long past", got)
	}
}

func TestShare_RisesAtOnceWhenTheViewerAsksForMore(t *testing.T) {
	v := newViewer(t)
	s := v.add("lead", Lead, 180, camera())
	v.share(2_000_000, time.Second)
	v.has("lead", "q")
	s.Height = 720
	v.share(2_000_000, 0)
	v.has("lead", "f")
	s.Height = 180
	v.share(2_000_000, 0)
	v.has("lead", "q")
	s.Height = 0
	v.share(2_000_000, 0)
	v.has("lead", "-")
}

func TestShare_SlowsAPictureDownBeforeItGetsSmall(t *testing.T) {
	for _, row := range []struct {
		budget int
		want   string
	}{{1_000_000, "f"}, {800_000, "f1"}, {550_000, "f1"}, {530_000, "h"}, {250_000, "h1"}, {150_000, "q"}, {90_000, "q1"}, {45_000, "q0"}, {30_000, "paused"}} {
		v := newViewer(t)
		v.add("stage", Stage, 720, layered())
		v.share(2_000_000, 0)
		v.share(row.budget, 0)
		v.has("stage", row.want)
	}
}

func TestShare_ResumesAfterHoldAndWithRoom(t *testing.T) {
	v := newViewer(t)
	s := v.add("stage", Stage, 180, camera())
	v.share(90_000, 0)
	v.has("stage", "paused")
	v.share(105_000, 10*time.Second)
	v.has("stage", "paused")
	v.share(120_000, Hold)
	v.has("stage", "paused")
	if s.Limit != Proof {
		t.Errorf("limited by %d while it waits for Hold", s.Limit)
	}
	v.share(120_000, 2*tick)
	v.has("stage", "q")
}

func TestShare_LeavesASilentLayerAtOnceAndKeepsAStillScreen(t *testing.T) {
	v := newViewer(t)
	s := v.add("lead", Lead, 180, camera())
	v.share(2_000_000, 0)
	s.Layers[1].LastPacket, s.Layers[2].LastPacket = v.now.Add(time.Minute), v.now.Add(time.Minute)
	Share(v.now.Add(time.Minute), Budget{2_000_000, true}, v.order)
	v.has("lead", "h")
	Share(v.now.Add(time.Hour), Budget{2_000_000, true}, v.order) // all are silent: the one heard last
	v.has("lead", "h")
	s.Layers = camera()
	Share(v.now.Add(time.Hour), Budget{2_000_000, true}, v.order)
	v.has("lead", "-")
}

func TestShare_WantsWhatIsUsefulWhateverTheBudget(t *testing.T) {
	v := newViewer(t)
	s := v.add("lead", Lead, 720, camera())
	v.add("camera", Camera, 0, camera())
	for _, budget := range []int{50_000, 500_000, 2_000_000} {
		v.share(budget, 0)
		if v.out.Want != 900_000*(100+proof)/100 {
			t.Errorf("with %d it wants %d", budget, v.out.Want)
		}
	}
	s.Height = 360
	if v.share(50_000, 0); v.out.Want != 300_000*(100+proof)/100 {
		t.Errorf("a small picture wants %d", v.out.Want)
	}
}

func TestShare_PausesNothingForAnAssumption(t *testing.T) {
	v := newViewer(t)
	v.add("screen", Content, 720, single(3_000_000))
	v.add("lead", Lead, 720, camera())
	Share(v.now, Budget{Bitrate: 2_000_000}, v.order)
	v.has("screen", "-")
	v.share(0, 0)
	Share(v.now, Budget{Bitrate: 2_000_000}, v.order)
	v.has("screen", "")
	v.has("lead", "q")
	v.share(2_000_000, 0)
	v.has("screen", "paused")
}

func TestShare_TheFloorIsAVoiceAndTheLeastOfTheLead(t *testing.T) {
	v := school(t)
	if v.share(4_000_000, 0); v.out.Floor != 140_000 {
		t.Errorf("a floor of %d", v.out.Floor)
	}
	v.slots["lead"].Layers = single(2_000_000)
	if v.share(4_000_000, 0); v.out.Floor != leastFloor {
		t.Errorf("a floor of %d with a picture without layers", v.out.Floor)
	}
}

func TestShare_SaysWhatLimits(t *testing.T) {
	v := newViewer(t)
	s := v.add("lead", Lead, 720, camera())
	for _, row := range []struct {
		budget, height int
		limit          Limit
	}{{2_000_000, 720, Unlimited}, {500_000, 720, Downlink}, {50_000, 720, Downlink}, {2_000_000, 1080, Source}} {
		s.Reset()
		s.Height = row.height
		v.share(row.budget, 0)
		if s.Limit != row.limit || s.Wanted != 900_000 {
			t.Errorf("%d bit/s for %d: limited by %d, wanted %d", row.budget, row.height, s.Limit, s.Wanted)
		}
	}
}

func TestClassOf_FollowsTheOrderOfTheLesson(t *testing.T) {
	var got []Class
	for _, one := range []struct {
		kind     assign.Kind
		standing assign.Standing
		height   int
	}{
		{assign.Microphone, assign.Lead, 0}, {assign.ScreenAudio, assign.Lead, 0}, {assign.Microphone, assign.Stage, 0},
		{assign.Camera, assign.Stage, 180}, {assign.Screen, assign.Lead, 720}, {assign.DocumentCamera, assign.Room, 90},
		{assign.Camera, assign.Lead, 90}, {assign.Camera, assign.Room, 360}, {assign.Camera, assign.Room, 180},
	} {
		got = append(got, ClassOf(one.kind, one.standing, one.height))
	}
	if want := []Class{LeadVoice, Voice, Voice, Stage, Content, Content, Lead, Camera, Thumbnail}; !slices.Equal(got, want) {
		t.Errorf("classes %v, want %v", got, want)
	}
}

func TestShare_AllocatesNothing(t *testing.T) {
	v := school(t)
	v.share(1_000_000, 0)
	if n := testing.AllocsPerRun(100, func() { Share(v.now, Budget{1_000_000, true}, v.order) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
