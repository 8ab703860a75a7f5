package relay_test

import (
	"context"
	"sync"
	"testing"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

// watch collects what the relay reports.
type watch struct {
	mu      sync.Mutex
	up      map[string]bool
	samples map[string]*relayv1.ConnectionSample
	order   []string // "up teacher", "down teacher", …
}

func (r *rig) watch() *watch {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := r.client.Watch(ctx, &relayv1.WatchRequest{})
	must(r.t, err)
	w := &watch{up: map[string]bool{}, samples: map[string]*relayv1.ConnectionSample{}}
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			event, err := stream.Recv()
			if err != nil {
				return
			}
			w.add(event)
		}
	})
	r.t.Cleanup(func() { cancel(); reader.Wait() })
	return w
}

func (w *watch) add(event *relayv1.WatchResponse) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := event.GetConnectionChanged(); c != nil {
		w.up[c.GetParticipantId()] = c.GetConnected()
		word := "down "
		if c.GetConnected() {
			word = "up "
		}
		w.order = append(w.order, word+c.GetParticipantId())
	}
	for _, s := range event.GetSamples().GetSamples() {
		w.samples[s.GetParticipantId()] = s
	}
}

func (w *watch) sample(participant string) *relayv1.ConnectionSample {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.samples[participant]
}

func (w *watch) isUp(participant string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.up[participant]
}

func TestWatch_BeginsWithThePresentAndFollows(t *testing.T) {
	r, teacher, classroom := pair(t)
	testkit.Eventually(t, func() bool { return teacher.isOpen() && classroom.isOpen() }, "both open")
	w := r.watch()
	testkit.Eventually(t, func() bool { return w.isUp("teacher") && w.isUp("classroom") }, "both reported")
	classroom.leave()
	testkit.Eventually(t, func() bool { return !w.isUp("classroom") }, "leaving reported")
	if !w.isUp("teacher") {
		t.Error("the teacher is reported as gone")
	}
}

func TestWatch_ReplacementIsNoChange(t *testing.T) {
	r, first := trio(t, options{video: 1})
	w := r.watch()
	testkit.Eventually(t, func() bool { return w.isUp("listener") }, "up")
	second := r.join("listener", options{video: 1})
	testkit.Eventually(t, func() bool { return len(goodbyes(first)) > 0 && second.isOpen() }, "replaced")
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, change := range w.order {
		if change == "down listener" {
			t.Errorf("changes %v", w.order)
		}
	}
}

func TestWatch_SamplesSayWhatIsSentAndReceived(t *testing.T) {
	r, teacher, classroom := pair(t)
	w := r.watch()
	testkit.Eventually(t, func() bool { return classroom.heard("video0", "teacher/camera/f", time.Time{}) && teacher.isOpen() }, "picture")
	teacher.say(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Stats{Stats: &relayv1.ClientStats{Freezes: 3, SpanMs: 5000}}})
	testkit.Eventually(t, func() bool {
		s := w.sample("teacher")
		return len(s.GetLayersUp()) == 4 && s.GetBitrateUp() > 10_000 && s.LossUp != nil && s.GetLossUp() == 0 && s.GetClient().GetFreezes() == 3
	}, "the teacher's sample")
	testkit.Eventually(t, func() bool {
		s := w.sample("classroom")
		return s.GetBitrateDown() > 10_000 && len(s.GetSlots()) == 2 && s.GetRoundTrip().AsDuration() > 0 && s.LossDown != nil
	}, "the classroom's sample")
	for _, slot := range w.sample("classroom").GetSlots() {
		if slot.GetSlotId() == "video0" && (slot.GetHeightSent() != 720 || slot.GetSourceId() != "teacher" || slot.GetHeightWanted() != 720) {
			t.Errorf("video0 is %v", slot)
		}
	}
}
