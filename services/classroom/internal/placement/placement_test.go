package placement

import (
	"reflect"
	"strconv"
	"testing"
	"time"

	"buf.build/go/protovalidate"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

func participant(id string, role lesson.Role, audio bool) *lesson.Participant {
	return &lesson.Participant{Member: lesson.Member{ID: id, Role: role}, Presence: lesson.Present, AudioOpen: audio}
}

func TestPolicyOf_OrdersAndPermits(t *testing.T) {
	absent := participant("gone", lesson.RoleClassroom, true)
	absent.Presence = lesson.Absent
	s := &lesson.State{
		Phase: lesson.PhaseLive, Ordinal: 17, Stage: []string{"b", "a"},
		Participants: []*lesson.Participant{
			participant("t", lesson.RoleLead, true),
			participant("a", lesson.RoleClassroom, false),
			participant("b", lesson.RoleClassroom, true),
			absent,
			participant("c", lesson.RoleClassroom, true),
			participant("s", lesson.RoleAssistant, true), // cannot happen; must send nothing all the same
			participant("o", lesson.RoleObserver, false),
		},
	}
	want := Policy{Epoch: 3, Revision: 17, Flowing: true, Participants: []Grant{
		{"t", Lead, 0, []Media{Microphone, Camera, Screen, ScreenAudio}},
		{"a", Stage, 1, []Media{Camera}},
		{"b", Stage, 0, []Media{Microphone, Camera}},
		{"c", Room, 4, []Media{Microphone, Camera}},
		{"s", Audience, 5, nil},
		{"o", Audience, 6, nil},
	}}
	if got := PolicyOf(s, 3); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	s.Phase = lesson.PhaseWaiting
	if PolicyOf(s, 3).Flowing {
		t.Error("media flows before the start")
	}
}

func TestSame_LooksAtWhatIsSaidNotWhen(t *testing.T) {
	s := &lesson.State{Phase: lesson.PhaseLive, Ordinal: 1, Participants: []*lesson.Participant{participant("t", lesson.RoleLead, true)}}
	p := PolicyOf(s, 1)
	s.Ordinal = 2
	if !p.Same(PolicyOf(s, 1)) {
		t.Error("a later policy that says the same differs")
	}
	if p.Same(PolicyOf(s, 2)) {
		t.Error("a policy of a later epoch is the same")
	}
	s.Participants = []*lesson.Participant{participant("t", lesson.RoleLead, false)}
	if p.Same(PolicyOf(s, 1)) {
		t.Error("a closed microphone makes no difference")
	}
}

func TestWire_ThePolicyOfAFullLessonIsValidForTheRelay(t *testing.T) {
	s := &lesson.State{Phase: lesson.PhaseLive, Ordinal: 1}
	for n := range lesson.MaxParticipants {
		s.Participants = append(s.Participants, participant(strconv.Itoa(n), lesson.RoleObserver, false))
	}
	request := &relayv1.SetPolicyRequest{LessonId: "lsn_1", Policy: wire(PolicyOf(s, 1))}
	if err := protovalidate.Validate(request); err != nil {
		t.Error(err)
	}
}

func TestWire_EveryPolicyIsValidForTheRelay(t *testing.T) {
	s := &lesson.State{Phase: lesson.PhaseLive, Ordinal: 1, LastAt: time.Now()}
	for _, role := range []lesson.Role{lesson.RoleLead, lesson.RoleAssistant, lesson.RoleClassroom, lesson.RoleObserver} {
		s.Participants = append(s.Participants, participant(string(rune('a'+role)), role, true))
	}
	request := &relayv1.SetPolicyRequest{LessonId: "lsn_1", Policy: wire(PolicyOf(s, 1))}
	if err := protovalidate.Validate(request); err != nil {
		t.Error(err)
	}
	for _, p := range request.GetPolicy().GetParticipants() {
		if p.GetStanding() == relayv1.Standing_STANDING_UNSPECIFIED {
			t.Errorf("%s has no standing", p.GetParticipantId())
		}
		for _, kind := range p.GetMaySend() {
			if kind == relayv1.MediaKind_MEDIA_KIND_UNSPECIFIED {
				t.Errorf("%s may send nothing in particular", p.GetParticipantId())
			}
		}
	}
}
