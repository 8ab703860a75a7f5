package relay_test

import (
	"testing"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

func TestPolicy_MutesWithin200msAndOpensAgain(t *testing.T) {
	r, _, classroom := pair(t)
	testkit.Eventually(t, func() bool { return classroom.hears("audio", "teacher/microphone", time.Time{}) }, "sound before")

	r.apply(r.allow(true, lead("teacher", sendsPicture...), room("classroom", 1, sends...)))
	muted := time.Now()
	testkit.Eventually(t, func() bool { return classroom.heard("video0", "teacher/camera/f", muted.Add(time.Second)) }, "picture goes on")
	if classroom.hears("audio", "teacher/microphone", muted.Add(200*time.Millisecond)) {
		t.Error("sound of a muted microphone")
	}

	opened := time.Now()
	r.apply(r.allow(true, lead("teacher", sends...), room("classroom", 1, sends...)))
	testkit.Eventually(t, func() bool { return classroom.hears("audio", "teacher/microphone", opened) }, "sound after")
	assertContinuous(t, classroom.packets("audio0"), 48_000)
}

func TestPolicy_ForwardsNothingBeforeTheLessonFlows(t *testing.T) {
	r := newRig(t, testConfig())
	waiting := r.allow(false, lead("teacher", sends...), room("classroom", 1, sends...))
	teacher, classroom := r.join("teacher", options{}), r.join("classroom", options{})
	teacher.send("microphone", "camera/q", "camera/h", "camera/f")
	testkit.Eventually(t, func() bool { return teacher.senders["camera/f"].sent.Load() > 100 && classroom.isOpen() }, "media arrives")
	for _, slot := range classroom.slots {
		if n := len(classroom.packets(slot)); n > 0 {
			t.Errorf("%s carries %d packets", slot, n)
		}
	}
	r.apply(r.allow(true, waiting.GetParticipants()...))
	testkit.Eventually(t, func() bool {
		return classroom.heard("audio0", "teacher/microphone", time.Time{}) && classroom.heard("video0", "teacher/camera/f", time.Time{})
	}, "sound and picture after the start")
}

func TestPolicy_OlderEpochOrRevisionChangesNothing(t *testing.T) {
	r, _, classroom := pair(t)
	testkit.Eventually(t, func() bool { return classroom.hears("audio", "teacher/microphone", time.Time{}) }, "sound")
	for _, stale := range []*relayv1.LessonPolicy{{Epoch: 0, Revision: 1_000}, {Epoch: 1, Revision: 0}, {Epoch: 1, Revision: 1}} {
		r.apply(stale)
	}
	after := time.Now()
	testkit.Eventually(t, func() bool { return classroom.hears("audio", "teacher/microphone", after.Add(300*time.Millisecond)) }, "sound goes on")
	r.apply(&relayv1.LessonPolicy{Epoch: 2, Revision: 0})
	closed := time.Now()
	testkit.Eventually(t, func() bool { return time.Since(closed) > 500*time.Millisecond }, "time passes")
	if classroom.hears("audio", "teacher/microphone", closed.Add(200*time.Millisecond)) {
		t.Error("a newer epoch did not close the microphone")
	}
}

func TestPolicy_OneParticipantsMicrophoneDoesNotCloseAnothers(t *testing.T) {
	r, teacher, classroom := pair(t)
	testkit.Eventually(t, func() bool {
		return classroom.hears("audio", "teacher/microphone", time.Time{}) && teacher.hears("audio", "classroom/microphone", time.Time{})
	}, "both are heard")
	r.apply(r.allow(true, lead("teacher", sends...), room("classroom", 1, sendsPicture...)))
	muted := time.Now()
	testkit.Eventually(t, func() bool { return classroom.hears("audio", "teacher/microphone", muted.Add(500*time.Millisecond)) }, "the teacher is heard")
	if teacher.hears("audio", "classroom/microphone", muted.Add(200*time.Millisecond)) {
		t.Error("the muted classroom is heard")
	}
}
