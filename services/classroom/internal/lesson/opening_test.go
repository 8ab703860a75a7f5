package lesson

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

func TestOpen_OnlyInItsTimeAndNotWhenCancelled(t *testing.T) {
	lead := 15 * time.Minute
	for _, tt := range []struct {
		name      string
		at        time.Time
		cancelled bool
		want      fault.Reason
	}{
		{"too early", start.Add(-lead - time.Nanosecond), false, fault.LessonNotOpen},
		{"at the first moment", start.Add(-lead), false, ""},
		{"during the lesson", start.Add(time.Minute), false, ""},
		{"in the overrun", start.Add(49 * time.Minute), false, ""},
		{"after the overrun", start.Add(50 * time.Minute), false, fault.LessonEnded},
		{"cancelled", start, true, fault.LessonCancelled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decide(&State{}, Command{Do: Open{Plan: testPlan(), Cancelled: tt.cancelled, Lead: lead}}, tt.at)
			if got := fault.ReasonOf(err); got != tt.want {
				t.Fatalf("reason %q, want %q", got, tt.want)
			}
			if tt.want == fault.LessonNotOpen {
				if got := fault.From(err).Metadata("opens_at"); got != "2026-11-23T07:45:00Z" {
					t.Errorf("opens_at %q", got)
				}
			}
		})
	}
}

func TestOpen_GivesTheLeadTeacherAnOpenMicrophoneAndNobodyElse(t *testing.T) {
	w := newWorld(t)
	for _, p := range w.state.Participants {
		if p.AudioOpen != (p.ID == teacher) {
			t.Errorf("%s: audio open %v", p.ID, p.AudioOpen)
		}
	}
}

func TestAdmit_RosterAndTheCampusesHelpersOnly(t *testing.T) {
	for _, tt := range []struct {
		name string
		v    Visitor
		want Role
	}{
		{"lead teacher", Visitor{ID: teacher}, RoleLead},
		{"classroom device", Visitor{ID: roomA, Device: true}, RoleClassroom},
		{"person who claims a classroom's id", Visitor{ID: roomA}, RoleNone},
		{"device that claims the teacher's id", Visitor{ID: teacher, Device: true}, RoleNone},
		{"device of another classroom", Visitor{ID: "rom_x", CampusID: "cmp_a", Device: true}, RoleNone},
		{"assistant of a campus", Visitor{ID: "x", CampusID: "cmp_a", Assistant: true}, RoleAssistant},
		{"assistant of another campus", Visitor{ID: "x", CampusID: "cmp_x", Assistant: true}, RoleNone},
		{"observer of a campus", Visitor{ID: "x", CampusID: "cmp_b", Observer: true}, RoleObserver},
		{"assistant and observer", Visitor{ID: "x", CampusID: "cmp_b", Observer: true, Assistant: true}, RoleAssistant},
		{"teacher of a campus", Visitor{ID: "x", CampusID: "cmp_b"}, RoleNone},
	} {
		m, ok := testPlan().Admit(tt.v)
		if m.Role != tt.want || ok != (tt.want != RoleNone) {
			t.Errorf("%s: role %v, admitted %v; want %v", tt.name, m.Role, ok, tt.want)
		}
	}
}

func TestAdmit_WhoBelongsToNoCampusActsForNone(t *testing.T) {
	plan := testPlan()
	plan.CampusIDs = append(plan.CampusIDs, "") // taught by somebody of no campus
	if m, ok := plan.Admit(Visitor{ID: "x", Assistant: true, Observer: true}); ok {
		t.Errorf("admitted as %v", m.Role)
	}
}

func TestStart_OnlyTheLeadTeacherAndOnlyOnce(t *testing.T) {
	w := newWorld(t)
	w.join(roomA, assistant)
	w.refuses(roomA, Start{}, fault.PermissionDenied)
	w.refuses(assistant, Start{}, fault.PermissionDenied)
	w.refuses("psn_stranger", Start{}, fault.PermissionDenied)
	w.must(teacher, Start{})
	w.refuses(teacher, Start{}, fault.LessonAlreadyStarted)
	if w.state.Phase != PhaseLive || !w.state.StartedAt.Equal(w.now) {
		t.Errorf("phase %v, started at %v", w.state.Phase, w.state.StartedAt)
	}
}

func TestEnd_ByTheLeadTeacherOrAnAssistantInTheTeachersAbsence(t *testing.T) {
	w := newWorld(t)
	w.join(teacher, assistant, roomA)
	w.refuses(teacher, End{}, fault.LessonNotStarted)
	w.must(teacher, Start{})
	w.refuses(assistant, End{}, fault.PermissionDenied)
	w.refuses(roomA, End{}, fault.PermissionDenied)
	w.must("", LoseConnection{ID: teacher})
	w.must(assistant, End{})
	if w.state.Phase != PhaseEnded || w.state.EndReason != EndedByHand {
		t.Fatalf("phase %v, reason %v", w.state.Phase, w.state.EndReason)
	}
	w.refuses(teacher, End{}, fault.LessonEnded)
	w.refuses(teacher, Start{}, fault.LessonEnded)
	w.refuses(roomA, PostChat{Text: "hello"}, fault.LessonEnded)
	w.refuses(roomA, w.joining(roomA, "window-2", true), fault.LessonEnded)
}

func TestExpire_EndsALessonAtItsEndPlusOverrunStartedOrNot(t *testing.T) {
	for _, started := range []bool{false, true} {
		w := newWorld(t)
		w.join(teacher)
		if started {
			w.must(teacher, Start{})
		}
		w.now = start.Add(50*time.Minute - time.Nanosecond)
		if kinds := w.must("", Expire{}); kinds != nil {
			t.Fatalf("ended too early: %v", kinds)
		}
		w.now = start.Add(50 * time.Minute)
		w.must("", Expire{})
		if w.state.Phase != PhaseEnded || w.state.EndReason != EndedByOverrun {
			t.Errorf("started %v: phase %v, reason %v", started, w.state.Phase, w.state.EndReason)
		}
		if kinds := w.must("", Expire{}); kinds != nil {
			t.Errorf("ended twice: %v", kinds)
		}
	}
}

func TestCancel_EndsALessonThatWaitsAndNoOther(t *testing.T) {
	w := newWorld(t)
	w.join(roomA)
	w.must("", Cancel{})
	if w.state.Phase != PhaseEnded || w.state.EndReason != EndedByCancellation {
		t.Errorf("phase %v, reason %v", w.state.Phase, w.state.EndReason)
	}
	if kinds := w.must("", Cancel{}); kinds != nil {
		t.Errorf("ended twice: %v", kinds)
	}
	w = newWorld(t)
	w.join(teacher)
	w.must(teacher, Start{})
	if kinds := w.must("", Cancel{}); kinds != nil {
		t.Errorf("a lesson that had started ended: %v", kinds)
	}
}
