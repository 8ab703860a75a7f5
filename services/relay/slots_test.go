package relay_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

const camera, screen = relayv1.MediaKind_MEDIA_KIND_CAMERA, relayv1.MediaKind_MEDIA_KIND_SCREEN

// assertContinuous checks that a slot looks like one stream: numbers without a hole or a repetition, timestamps
// that never go back and never jump by more than real time.
func assertContinuous(t *testing.T, packets []arrival, clock float64) {
	t.Helper()
	slices.SortStableFunc(packets, func(a, b arrival) int { return int(int16(a.SequenceNumber - b.SequenceNumber)) })
	for i := 1; i < len(packets); i++ {
		last, next := packets[i-1], packets[i]
		if next.SequenceNumber != last.SequenceNumber+1 {
			t.Fatalf("sequence number %d follows %d (%q, %q)", next.SequenceNumber, last.SequenceNumber, content(last.Packet), content(next.Packet))
		}
		step := float64(int32(next.Timestamp - last.Timestamp))
		between := next.at.Sub(last.at).Seconds() * clock
		if step < 0 || step > between+clock {
			t.Fatalf("timestamp moves by %.0f where %.0f passed (%q, %q)", step, between, content(last.Packet), content(next.Packet))
		}
	}
}

// trio is a teacher, a classroom that sends too, and a listener.
func trio(t *testing.T, o options) (r *rig, listener *participant) {
	t.Helper()
	r = newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...), room("classroom", 1, sends...), room("listener", 2))
	teacher, classroom := r.join("teacher", options{}), r.join("classroom", options{})
	teacher.send("microphone", "camera/q", "camera/h", "camera/f")
	classroom.send("microphone", "camera/q", "camera/h", "camera/f")
	listener = r.join("listener", o)
	testkit.Eventually(t, func() bool {
		return listener.isOpen() && listener.heard("video0", "teacher/camera/f", time.Time{}) && listener.hears("audio", "classroom", time.Time{})
	}, "the listener sees the teacher and hears the classroom")
	return r, listener
}

func TestSlot_SwitchesBetweenParticipantsAsOneStream(t *testing.T) {
	_, listener := trio(t, options{video: 2})
	for _, who := range []string{"classroom", "teacher", "classroom", "teacher"} {
		asked := time.Now()
		listener.want("video0", 720, who, camera)
		testkit.Eventually(t, func() bool { return listener.heard("video0", who+"/camera/f", asked) }, "video0 carries "+who)
	}
	packets := listener.packets("video0")
	assertContinuous(t, packets, 90_000)
	assertWholeSwitches(t, packets)
}

// assertWholeSwitches checks that every change of source begins with a keyframe.
func assertWholeSwitches(t *testing.T, packets []arrival) {
	t.Helper()
	source := ""
	for _, p := range packets {
		from, _, _ := strings.Cut(content(p.Packet), ":")
		if from != source && p.Payload[4]&1 != 0 {
			t.Errorf("%s begins without a keyframe after %q", from, source)
		}
		source = from
	}
}

func TestSlot_SwitchFollowsItsAcknowledgementOrATimeout(t *testing.T) {
	_, listener := trio(t, options{video: 2, noAcks: true})
	asked := time.Now()
	listener.want("video0", 720, "classroom", camera)
	testkit.Eventually(t, func() bool { return listener.heard("video0", "classroom/camera", asked) }, "the switch")
	for _, p := range listener.packets("video0") {
		if strings.HasPrefix(content(p.Packet), "classroom/") && p.at.Sub(asked) < 290*time.Millisecond {
			t.Fatalf("switched after %v without an acknowledgement", p.at.Sub(asked))
		}
	}
}

func TestSlot_GetsTheLayerThatItsSizeNeeds(t *testing.T) {
	_, listener := trio(t, options{video: 1})
	for _, step := range []struct {
		height uint32
		layer  string
	}{{180, "q"}, {360, "h"}, {720, "f"}, {200, "h"}, {100, "q"}} {
		asked := time.Now()
		listener.want("video0", step.height, "teacher", camera)
		testkit.Eventually(t, func() bool { return listener.heard("video0", "teacher/camera/"+step.layer, asked) }, "layer "+step.layer)
	}
	assertContinuous(t, listener.packets("video0"), 90_000)
	assertWholeSwitches(t, listener.packets("video0"))
}

func TestSlot_PausesAtHeightZero(t *testing.T) {
	_, listener := trio(t, options{video: 1})
	listener.want("video0", 0, "", 0)
	asked := time.Now()
	testkit.Eventually(t, func() bool { return time.Since(asked) > 600*time.Millisecond }, "time passes")
	if listener.heard("video0", "teacher/camera", asked.Add(300*time.Millisecond)) {
		t.Error("a paused slot carries packets")
	}
	again := time.Now()
	listener.want("video0", 360, "", 0)
	testkit.Eventually(t, func() bool { return listener.heard("video0", "teacher/camera/h", again) }, "the slot goes on")
	assertContinuous(t, listener.packets("video0"), 90_000)
}

func TestSlot_FollowsAScreenThatIsSharedAndTakenBack(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...), room("listener", 1))
	teacher, listener := r.join("teacher", options{}), r.join("listener", options{video: 2})
	teacher.send("microphone", "camera/q", "camera/h", "camera/f", "screen", "screenAudio")
	testkit.Eventually(t, func() bool {
		return listener.hears("video", "teacher/screen", time.Time{}) && listener.hears("audio", "teacher/screenAudio", time.Time{}) &&
			listener.hears("video", "teacher/camera", time.Time{}) && listener.hears("audio", "teacher/microphone", time.Time{})
	}, "camera, screen and both sounds")
	teacher.say(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_SetPublication{SetPublication: &relayv1.SetPublication{Kind: screen}}})
	testkit.Eventually(t, func() bool { return !slices.Contains(contents(listener), screen) }, "the screen's slot is free")
	stopped := time.Now()
	testkit.Eventually(t, func() bool { return time.Since(stopped) > 300*time.Millisecond }, "time passes")
	if listener.hears("video", "teacher/screen", stopped.Add(100*time.Millisecond)) {
		t.Error("a screen that is not shared is forwarded")
	}
	teacher.say(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_SetPublication{SetPublication: &relayv1.SetPublication{Kind: screen, Active: true}}})
	testkit.Eventually(t, func() bool { return listener.hears("video", "teacher/screen", stopped.Add(400*time.Millisecond)) }, "the screen is back")
}

// contents are the kinds that the relay says the video slots of a participant carry now.
func contents(p *participant) []relayv1.MediaKind {
	now := map[string]relayv1.MediaKind{}
	for _, m := range p.said() {
		if c := m.GetSlotChanged(); c != nil {
			now[c.GetSlotId()] = c.GetKind()
		}
	}
	var out []relayv1.MediaKind
	for _, kind := range now {
		out = append(out, kind)
	}
	return out
}
