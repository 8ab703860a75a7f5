package relay_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay"
)

// asks tries to join under some name and ignores the answer.
func (r *rig) asks(id, offer string) error {
	_, err := r.client.Connect(r.t.Context(), &relayv1.ConnectRequest{
		LessonId: lesson, ParticipantId: id, Offer: offer, Policy: r.current(),
	})
	return err
}

func TestAdmission_OneLessonMayHaveAsManyAsItsPolicyHasRoomFor(t *testing.T) {
	c := testConfig()
	c.Limits.Connections = relay.DefaultConfig().Limits.Connections
	r := newRig(t, c)
	r.allow(true, lead("teacher", sends...))
	offer := newParticipant(t, "listener", options{}).offer()
	for number := range 500 { // LessonPolicy.participants
		if err := r.asks("listener"+strconv.Itoa(number), offer); err != nil {
			t.Fatalf("listener %d: %v", number, err)
		}
	}
}

func TestAdmission_BeyondTheBudgetNobodyNewIsLetInButTeachers(t *testing.T) {
	c := testConfig()
	c.Limits.MemoryMB = 1 // less than any process has
	r := newRig(t, c)
	r.allow(true, lead("teacher", sends...), room("classroom", 1, sends...))
	classroom := r.join("classroom", options{})
	classroom.send("microphone")
	offer := newParticipant(t, "stranger", options{}).offer()
	var refusal error
	number := 0
	testkit.Eventually(t, func() bool {
		number++
		refusal = r.asks("stranger"+strconv.Itoa(number), offer)
		return refusal != nil
	}, "the relay is full")
	if fault.ReasonOf(refusal) != fault.ResourceExhausted || fault.From(refusal).RetryAfter() <= 0 {
		t.Errorf("refused with %v", refusal)
	}
	must(t, r.asks("classroom", offer))
	teacher := r.join("teacher", options{})
	testkit.Eventually(t, func() bool { return teacher.hears("audio", "classroom/microphone", time.Time{}) }, "the lesson goes on")
}
