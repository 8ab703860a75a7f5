package session

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/placement"
)

// during does something while the relay answers a slowOffer, and returns what the one who made it is told.
func (i *instance) during(offers func() error, do func()) error {
	i.t.Helper()
	i.relay.answered = make(chan struct{})
	told := make(chan error, 1)
	go func() { told <- offers() }()
	synctest.Wait()
	do()
	later(time.Second)
	close(i.relay.answered)
	return <-told
}

// connects is a participant's slow offer.
func (i *instance) connects(id string) func() error {
	s, _ := i.enter(id)
	return func() error {
		_, err := s.Connect(i.t.Context(), id, "window-"+id, slowOffer)
		return err
	}
}

func TestConnect_TheAnswerIsWithheldFromWhoWasRemovedMeanwhile(t *testing.T) {
	for name, row := range map[string]struct {
		do   func(*instance)
		want fault.Reason
	}{
		"left":               {func(i *instance) { i.do(roomA, lesson.Leave{ID: roomA}) }, fault.ParticipantNotFound},
		"another window":     {func(i *instance) { i.attend(roomA, "another", true, 0) }, fault.Superseded},
		"the lesson ended":   {func(i *instance) { i.do(teacher, lesson.End{}) }, fault.LessonEnded},
		"somebody else left": {func(i *instance) { i.do(roomB, lesson.Leave{ID: roomB}) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := run(t, eventlog.NewMemory())
				defer i.stop()
				i.joined(teacher, roomA, roomB)
				i.do(teacher, lesson.Start{})
				if err := i.during(i.connects(roomA), func() { row.do(i) }); fault.ReasonOf(err) != row.want {
					t.Errorf("told %v", err)
				}
			})
		})
	}
}

// away makes the relay fail once, so that what is decided meanwhile is pushed together.
func (r *fakeRelay) away() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failing = 1
}

func TestConnect_WhoCameAndWentBetweenTwoPoliciesIsDisconnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		later(time.Second)
		i.relay.away()
		i.joined(roomA)
		s, _ := i.enter(roomA)
		if _, err := s.Connect(t.Context(), roomA, "window-"+roomA, "offer"); err != nil {
			t.Fatal(err)
		}
		i.do(roomA, lesson.Leave{ID: roomA})
		later(time.Second)
		if !i.relay.saw(&i.relay.gone, roomA) {
			t.Error("the connection is left at the relay")
		}
	})
}

func TestPolicy_ThatWentWithAnOfferDoesNotOutliveWhatItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := run(t, eventlog.NewMemory())
		defer i.stop()
		i.joined(teacher)
		i.do(teacher, lesson.SetAudio{ID: teacher})
		later(time.Second)
		i.relay.away()
		i.do(teacher, lesson.SetAudio{ID: teacher, Open: true})
		s, _ := i.enter(teacher)
		if _, err := s.Connect(t.Context(), teacher, "window-"+teacher, "offer"); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(i.relay.grant(teacher).MaySend, placement.Microphone) {
			t.Fatal("the offer did not carry the open microphone")
		}
		i.do(teacher, lesson.SetAudio{ID: teacher})
		later(time.Second)
		if slices.Contains(i.relay.grant(teacher).MaySend, placement.Microphone) {
			t.Error("the microphone stays open at the relay")
		}
	})
}
