package relay_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

// pair is a teacher and a classroom that send sound and picture.
func pair(t *testing.T) (r *rig, teacher, classroom *participant) {
	t.Helper()
	r = newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...), room("classroom", 1, sends...))
	teacher, classroom = r.join("teacher", options{}), r.join("classroom", options{})
	teacher.send("microphone", "camera/q", "camera/h", "camera/f")
	classroom.send("microphone", "camera/q", "camera/h", "camera/f")
	return r, teacher, classroom
}

func TestRelay_TwoParticipantsSeeAndHearEachOther(t *testing.T) {
	_, teacher, classroom := pair(t)
	begin := time.Time{}
	testkit.Eventually(t, func() bool { return classroom.heard("audio0", "teacher/microphone", begin) }, "the classroom hears the teacher")
	testkit.Eventually(t, func() bool { return classroom.heard("video0", "teacher/camera/f", begin) }, "the classroom sees the teacher")
	testkit.Eventually(t, func() bool { return teacher.heard("audio0", "classroom/microphone", begin) }, "the teacher hears the classroom")
	testkit.Eventually(t, func() bool { return teacher.heard("video0", "classroom/camera/f", begin) }, "the teacher sees the classroom")
	for _, a := range classroom.packets("video0") {
		if !strings.HasPrefix(content(a.Packet), "teacher/camera/") {
			t.Fatalf("video0 carries %q", content(a.Packet))
		}
	}
}

func TestRelay_SaysHelloWithTheSlotsOfTheOffer(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...))
	teacher := r.join("teacher", options{audio: 2, video: 2})
	testkit.Eventually(t, func() bool { return len(teacher.said()) > 0 }, "hello")
	hello := teacher.said()[0].GetHello()
	if len(hello.GetSlots()) != 4 {
		t.Fatalf("hello %v", hello)
	}
	for _, s := range hello.GetSlots() {
		if teacher.slots[s.GetMid()] != s.GetSlotId() {
			t.Errorf("slot %s has mid %s, the client knows that as %q", s.GetSlotId(), s.GetMid(), teacher.slots[s.GetMid()])
		}
	}
}

func TestRelay_EchoesHeartbeats(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...))
	teacher := r.join("teacher", options{})
	testkit.Eventually(t, teacher.isOpen, "open channel")
	teacher.say(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{Heartbeat: &relayv1.Heartbeat{Number: 42}}})
	testkit.Eventually(t, func() bool {
		return slices.ContainsFunc(teacher.said(), func(m *relayv1.ServerMessage) bool { return m.GetHeartbeat().GetNumber() == 42 })
	}, "echo")
}
