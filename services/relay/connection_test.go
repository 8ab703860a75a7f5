package relay_test

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

// goodbyes are the reasons that a participant was told.
func goodbyes(p *participant) []relayv1.GoodbyeReason {
	var out []relayv1.GoodbyeReason
	for _, m := range p.said() {
		if g := m.GetGoodbye(); g != nil {
			out = append(out, g.GetReason())
		}
	}
	return out
}

func TestConnection_IsReplacedWhenTheNewerCarriesTheSameMedia(t *testing.T) {
	r, teacher, classroom := pair(t)
	testkit.Eventually(t, func() bool { return classroom.heard("video0", "teacher/camera/f", time.Time{}) }, "picture before")
	again := r.join("teacher", options{})
	testkit.Eventually(t, again.isOpen, "the newer connection is up")
	again.send("microphone")
	since := time.Now()
	testkit.Eventually(t, func() bool { return classroom.heard("video0", "teacher/camera/f", since.Add(500*time.Millisecond)) }, "picture of the older goes on")
	if len(goodbyes(teacher)) > 0 {
		t.Fatal("the older connection was replaced although the newer has no picture yet")
	}
	again.send("camera/q", "camera/h", "camera/f")
	testkit.Eventually(t, func() bool { return slices.Contains(goodbyes(teacher), relayv1.GoodbyeReason_GOODBYE_REASON_REPLACED) }, "goodbye to the older")
	replaced := time.Now()
	testkit.Eventually(t, func() bool { return classroom.heard("video0", "teacher/camera/f", replaced.Add(time.Second)) }, "picture of the newer")

	packets := classroom.packets("video0")
	assertContinuous(t, packets, 90_000)
	if gap := longestGap(packets); gap > 800*time.Millisecond {
		t.Errorf("the picture stood still for %v", gap)
	}
	if changes := slotChanges(classroom, "video0"); changes != 1 {
		t.Errorf("video0 was announced %d times, want once: its source is the same person", changes)
	}
}

func longestGap(packets []arrival) time.Duration {
	var longest time.Duration
	for i := 1; i < len(packets); i++ {
		longest = max(longest, packets[i].at.Sub(packets[i-1].at))
	}
	return longest
}

func slotChanges(p *participant, slot string) int {
	n := 0
	for _, m := range p.said() {
		if m.GetSlotChanged().GetSlotId() == slot {
			n++
		}
	}
	return n
}

func TestConnection_ListenerIsReplacedWhenTheNewerIsOpen(t *testing.T) {
	r, first := trio(t, options{video: 1})
	second := r.join("listener", options{video: 1})
	testkit.Eventually(t, func() bool { return slices.Contains(goodbyes(first), relayv1.GoodbyeReason_GOODBYE_REASON_REPLACED) }, "goodbye to the older")
	testkit.Eventually(t, func() bool { return second.heard("video0", "teacher/camera", time.Time{}) }, "the newer sees")
	if len(goodbyes(second)) > 0 {
		t.Error("the newer was sent away")
	}
}

func TestConnection_ALateFourthEndsTheOldest(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...))
	first := r.join("teacher", options{})
	testkit.Eventually(t, first.isOpen, "first up")
	for range 3 {
		newParticipant(t, "teacher", options{}).connectOnly(r)
	}
	testkit.Eventually(t, func() bool { return slices.Contains(goodbyes(first), relayv1.GoodbyeReason_GOODBYE_REASON_REPLACED) }, "goodbye")
}

// connectOnly asks for an answer and ignores it.
func (p *participant) connectOnly(r *rig) {
	p.t.Helper()
	_, err := r.client.Connect(p.t.Context(), &relayv1.ConnectRequest{LessonId: lesson, ParticipantId: p.id, Offer: p.offer(), Policy: r.current()})
	must(p.t, err)
}

func TestConnection_SaysWhyItEnds(t *testing.T) {
	r, teacher, classroom := pair(t)
	testkit.Eventually(t, func() bool { return teacher.isOpen() && classroom.isOpen() }, "both open")
	_, err := r.client.Disconnect(t.Context(), &relayv1.DisconnectRequest{LessonId: lesson, ParticipantId: "classroom"})
	must(t, err)
	testkit.Eventually(t, func() bool { return slices.Contains(goodbyes(classroom), relayv1.GoodbyeReason_GOODBYE_REASON_REMOVED) }, "removed")
	_, err = r.client.CloseLesson(t.Context(), &relayv1.CloseLessonRequest{LessonId: lesson})
	must(t, err)
	testkit.Eventually(t, func() bool {
		return slices.Contains(goodbyes(teacher), relayv1.GoodbyeReason_GOODBYE_REASON_LESSON_CLOSED)
	}, "closed")

	again := r.join("teacher", options{})
	testkit.Eventually(t, again.isOpen, "open again")
	r.stop()
	testkit.Eventually(t, func() bool {
		return slices.Contains(goodbyes(again), relayv1.GoodbyeReason_GOODBYE_REASON_RELAY_STOPPING)
	}, "stopping")
}

func TestConnection_EndsWithoutHeartbeatAndMedia(t *testing.T) {
	c := testConfig()
	c.Limits.SilenceTimeout = 500 * time.Millisecond
	r := newRig(t, c)
	r.allow(true, lead("teacher", sends...), room("silent", 1))
	teacher, silent := r.join("teacher", options{}), r.join("silent", options{})
	teacher.send("microphone")
	testkit.Eventually(t, silent.isOpen, "up")
	testkit.Eventually(t, func() bool { return !silent.isOpen() }, "the silent one is closed")
	if !teacher.isOpen() {
		t.Error("who sends media is closed too")
	}
}

func TestConnection_WorksOverTCPAlone(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...), room("classroom", 1, sends...))
	teacher, classroom := r.join("teacher", options{}), r.join("classroom", options{tcpOnly: true})
	teacher.send("microphone", "camera/q", "camera/h", "camera/f")
	classroom.send("microphone")
	testkit.Eventually(t, func() bool {
		return classroom.heard("video0", "teacher/camera/f", time.Time{}) && teacher.heard("audio0", "classroom/microphone", time.Time{})
	}, "media both ways")
	w := r.watch()
	testkit.Eventually(t, func() bool { s := w.sample("classroom"); return s.GetTransport() == "tcp" }, "the sample says tcp")
	testkit.Eventually(t, func() bool { s := w.sample("teacher"); return s.GetTransport() == "udp" }, "the sample says udp")
}

func TestConnection_ComesUpWhereTheRelayHasNoUDP(t *testing.T) {
	c := testConfig()
	c.Media.DisableUDP = true
	r := newRig(t, c)
	r.allow(true, lead("teacher", sends...))
	teacher := r.join("teacher", options{tcpOnly: true})
	testkit.Eventually(t, teacher.isOpen, "the connection is up")
}

func TestConnection_LimitsAreRefusals(t *testing.T) {
	c := testConfig()
	c.Limits.Connections = 2
	r := newRig(t, c)
	r.allow(true, lead("teacher", sends...))
	for _, id := range []string{"teacher", "one"} {
		newParticipant(t, id, options{}).connectOnly(r)
	}
	p := newParticipant(t, "two", options{})
	_, err := r.client.Connect(t.Context(), &relayv1.ConnectRequest{LessonId: lesson, ParticipantId: p.id, Offer: p.offer(), Policy: r.current()})
	if fault.ReasonOf(err) != fault.ResourceExhausted {
		t.Errorf("over the limit: %v", err)
	}
}

func TestConnection_RefusesOffersWithoutTheAgreedShape(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...))
	good := newParticipant(t, "teacher", options{}).offer()
	for name, offer := range map[string]string{
		"empty":               "v=0\r\n",
		"not SDP":             strings.Repeat("x", 1000),
		"without a camera":    strings.Replace(good, "m=video", "m=audio", 1),
		"everything recvonly": strings.ReplaceAll(good, "a=sendonly", "a=recvonly"),
		"foreign codec":       strings.ReplaceAll(good, "VP8/90000", "H265/90000"),
		"no fingerprint":      strings.ReplaceAll(good, "a=fingerprint", "a=x-fingerprint"),
	} {
		_, err := r.client.Connect(t.Context(), &relayv1.ConnectRequest{LessonId: lesson, ParticipantId: "teacher", Offer: offer, Policy: r.current()})
		if fault.ReasonOf(err) != fault.OfferRejected {
			t.Errorf("%s: %v", name, err)
		} else if fault.From(err).Metadata("problem") == "" {
			t.Errorf("%s: refused without naming the problem", name)
		}
	}
	if n := r.join("teacher", options{}); n == nil {
		t.Error("a good offer after bad ones is refused")
	}
}

func TestConnection_200JoinsAndLeavesLeaveNoGoroutineBehind(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...), room("classroom", 1))
	teacher := r.join("teacher", options{})
	teacher.send("microphone", "camera/q", "camera/h", "camera/f")
	visits(r, 1)
	testkit.Eventually(t, func() bool { return r.gauge("tongke_relay_connections") == 1 }, "the teacher alone is left")
	before := runtime.NumGoroutine()
	visits(r, 50)
	testkit.Eventually(t, func() bool { return r.gauge("tongke_relay_connections") == 1 }, "the teacher alone is left")
	testkit.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+3 }, "as many goroutines as before")
}

// visits lets four classrooms come and go n times each, one after the other and all four at a time.
func visits(r *rig, n int) {
	var all sync.WaitGroup
	for number := range 4 {
		all.Go(func() {
			for range n {
				p := newParticipant(r.t, "classroom"+strconv.Itoa(number), options{audio: 1, video: 1})
				p.connect(r)
				testkit.Eventually(r.t, p.isOpen, "connected")
				p.leave()
			}
		})
	}
	all.Wait()
}
