package lesson

import (
	"reflect"
	"testing"

	"github.com/tongke-edu/tongke/pkg/fault"
)

func TestHands_StandInTheOrderOfRaising(t *testing.T) {
	w := liveWorld(t)
	w.must(roomB, RaiseHand{ID: roomB})
	w.must(assistant, RaiseHand{ID: roomA}) // an assistant for a room of the own campus
	if kinds := w.must(roomB, RaiseHand{ID: roomB}); kinds != nil {
		t.Errorf("a raised hand moved: %v", kinds)
	}
	w.must(roomC, RaiseHand{ID: roomC})
	w.must(teacher, LowerHand{ID: roomA})
	if got, want := hands(w.state), []string{roomB, roomC}; !reflect.DeepEqual(got, want) {
		t.Errorf("hands %v, want %v", got, want)
	}
}

func TestHands_Refusals(t *testing.T) {
	w := newWorld(t)
	w.join(teacher, roomA, assistant, observer)
	w.refuses(roomA, RaiseHand{ID: roomA}, fault.LessonNotStarted)
	w.must(teacher, Start{})
	w.refuses(roomA, RaiseHand{ID: roomB}, fault.PermissionDenied)
	w.refuses(teacher, RaiseHand{ID: roomA}, fault.PermissionDenied)
	w.refuses(observer, RaiseHand{ID: roomA}, fault.PermissionDenied)
	w.refuses(assistant, RaiseHand{ID: roomB}, fault.PermissionDenied) // another campus
	w.refuses(assistant, LowerHand{ID: roomB}, fault.PermissionDenied)
	w.refuses(assistant, RaiseHand{ID: "rom_x"}, fault.ParticipantNotFound)
	w.refuses(assistant, RaiseHand{ID: teacher}, fault.InvalidArgument)
	w.refuses(roomB, RaiseHand{ID: roomB}, fault.ParticipantNotFound) // in the roster, not in the lesson
}

func TestCallOn_LowersTheHandStepsOnStageAndOpensTheMicrophone(t *testing.T) {
	w := liveWorld(t)
	w.must(roomA, RaiseHand{ID: roomA})
	got := w.must(teacher, CallOn{ID: roomA})
	want := []Kind{HandLowered{roomA}, CalledOn{roomA}, SteppedOnStage{roomA}, AudioChanged{ID: roomA, Open: true}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("events %+v, want %+v", got, want)
	}
	if got := w.must(teacher, CallOn{ID: roomA}); !reflect.DeepEqual(got, []Kind{CalledOn{roomA}}) {
		t.Errorf("called on again: %+v", got)
	}
	if n := w.state.Participant(roomA).CalledOn; n != 2 {
		t.Errorf("called on %d times", n)
	}
}

func TestCallOn_Refusals(t *testing.T) {
	w := liveWorld(t)
	w.refuses(roomA, CallOn{ID: roomA}, fault.PermissionDenied)
	w.refuses(assistant, CallOn{ID: roomA}, fault.PermissionDenied)
	w.refuses(teacher, CallOn{ID: "rom_x"}, fault.ParticipantNotFound)
	w.refuses(teacher, CallOn{ID: assistant}, fault.InvalidArgument)
	w.must(teacher, CallOn{ID: roomA})
	w.must(teacher, CallOn{ID: roomB})
	w.refuses(teacher, CallOn{ID: roomC}, fault.StageFull)
	w.refuses(teacher, SetStage{ID: roomC, On: true}, fault.StageFull)
	w.must("", Leave{ID: roomC})
	w.must(teacher, SetStage{ID: roomA})
	w.refuses(teacher, CallOn{ID: roomC}, fault.ParticipantNotFound)
}

func TestSetStage_ARoomMayOnlyLeaveIt(t *testing.T) {
	w := liveWorld(t)
	w.refuses(roomA, SetStage{ID: roomA, On: true}, fault.PermissionDenied)
	w.refuses(assistant, SetStage{ID: roomA, On: true}, fault.PermissionDenied)
	w.must(teacher, SetStage{ID: roomA, On: true})
	w.must(teacher, SetStage{ID: roomB, On: true})
	w.refuses(roomA, SetStage{ID: roomB}, fault.PermissionDenied)
	w.refuses(assistant, SetStage{ID: roomB}, fault.PermissionDenied)
	w.must(assistant, SetStage{ID: roomA})
	w.must(roomB, SetStage{ID: roomB})
	if w.state.Stage != nil {
		t.Errorf("stage %v", w.state.Stage)
	}
}

func TestSteppingOff_ClosesTheMicrophoneAndForgetsTheMute(t *testing.T) {
	w := liveWorld(t)
	w.must(teacher, CallOn{ID: roomA})
	w.must(teacher, SetAudio{ID: roomA})
	w.must(teacher, SetStage{ID: roomA})
	w.must(teacher, SetStage{ID: roomA, On: true})
	w.must(roomA, SetAudio{ID: roomA, Open: true})
	w.must(teacher, SetStage{ID: roomA})
	if w.state.Participant(roomA).AudioOpen {
		t.Error("the microphone of a room off stage stayed open")
	}
}

func TestSetAudio_WhoMayOpenAndClose(t *testing.T) {
	w := liveWorld(t)
	w.refuses(roomA, SetAudio{ID: roomA, Open: true}, fault.NotOnStage)
	w.must(teacher, CallOn{ID: roomA})
	w.must(roomA, SetAudio{ID: roomA})
	w.must(roomA, SetAudio{ID: roomA, Open: true})
	w.must(teacher, SetAudio{ID: roomA})
	w.refuses(roomA, SetAudio{ID: roomA, Open: true}, fault.MutedByTeacher)
	w.refuses(assistant, SetAudio{ID: roomA, Open: true}, fault.MutedByTeacher)
	w.must(teacher, SetAudio{ID: roomA, Open: true})
	w.must(assistant, SetAudio{ID: roomA})
	w.must(assistant, SetAudio{ID: roomA, Open: true})
	w.refuses(roomB, SetAudio{ID: roomA}, fault.PermissionDenied)
	w.refuses(assistant, SetAudio{ID: roomB}, fault.PermissionDenied)
	w.refuses(observer, SetAudio{ID: roomA}, fault.PermissionDenied)
	w.refuses(roomA, SetAudio{ID: teacher}, fault.InvalidArgument)
	w.refuses(teacher, SetAudio{ID: "rom_x", Open: true}, fault.ParticipantNotFound)
	w.must(teacher, SetAudio{ID: teacher})
	w.must(teacher, SetAudio{ID: teacher, Open: true})
	w.must(teacher, SetAudio{ID: roomC, Open: true}) // the teacher may open a room off stage
}

func TestSetAudio_ARoomThatClosesItsOwnKeepsTheTeachersMute(t *testing.T) {
	w := liveWorld(t)
	w.must(teacher, CallOn{ID: roomA})
	w.must(teacher, SetAudio{ID: roomA})
	if kinds := w.must(roomA, SetAudio{ID: roomA}); kinds != nil {
		t.Errorf("events %v", kinds)
	}
	w.refuses(roomA, SetAudio{ID: roomA, Open: true}, fault.MutedByTeacher)
}

func TestMuteAll_ClosesEveryMicrophoneButTheTeachers(t *testing.T) {
	w := liveWorld(t)
	w.must(teacher, CallOn{ID: roomA})
	w.must(teacher, CallOn{ID: roomB})
	w.must(roomB, SetAudio{ID: roomB}) // closed by itself, could open again
	w.must(teacher, SetAudio{ID: roomC, Open: true})
	w.refuses(roomA, MuteAll{}, fault.PermissionDenied)
	w.must(teacher, MuteAll{})
	for _, p := range w.state.Participants {
		if p.AudioOpen != (p.ID == teacher) {
			t.Errorf("%s: audio open %v", p.ID, p.AudioOpen)
		}
	}
	w.refuses(roomB, SetAudio{ID: roomB, Open: true}, fault.MutedByTeacher)
	if kinds := w.must(teacher, MuteAll{}); kinds != nil {
		t.Errorf("muted twice: %v", kinds)
	}
}

func hands(s *State) []string {
	var ids []string
	for _, h := range s.Hands {
		ids = append(ids, h.ParticipantID)
	}
	return ids
}
