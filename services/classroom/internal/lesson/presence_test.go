package lesson

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

func TestJoin_TheSameWindowComesBackWithoutATrace(t *testing.T) {
	w := newWorld(t)
	w.join(roomA)
	if kinds := w.must(roomA, w.joining(roomA, "window-1", false)); kinds != nil {
		t.Errorf("events %v", kinds)
	}
}

func TestJoin_ANewerWindowTakesOverAndTheOlderOneIsRefused(t *testing.T) {
	w := newWorld(t)
	w.join(roomA)
	w.refuses(roomA, w.joining(roomA, "window-2", false), fault.Superseded)
	w.must(roomA, w.joining(roomA, "window-2", true))
	w.refuses(roomA, w.joining(roomA, "window-1", false), fault.Superseded)
	w.must(roomA, w.joining(roomA, "window-2", false))
	w.must(roomA, w.joining(roomA, "window-1", true)) // a person says: use it here
	if got := w.state.Participant(roomA).Window; got != "window-1" {
		t.Errorf("window %q counts", got)
	}
}

func TestJoin_BeyondTheLimitIsRefused(t *testing.T) {
	w := newWorld(t)
	for i := len(w.state.Participants); i < MaxParticipants; i++ {
		id := fmt.Sprintf("psn_%d", i)
		w.must(id, Join{Member: Member{ID: id, Role: RoleObserver}, Window: "w"})
	}
	w.refuses("psn_late", Join{Member: Member{ID: "psn_late", Role: RoleObserver}, Window: "w"}, fault.LessonFull)
	w.join(roomA) // the roster always has its place
}

func TestLeave_FreesHandStageAndMicrophone(t *testing.T) {
	w := liveWorld(t)
	w.must(teacher, CallOn{ID: roomA})
	w.must(roomA, RaiseHand{ID: roomA})
	w.must("", ReportMedia{ID: roomA, Connected: true})
	got := w.must(roomA, Leave{ID: roomA, Window: "window-1"})
	want := []Kind{
		HandLowered{roomA}, SteppedOffStage{roomA}, AudioChanged{ID: roomA}, MediaLost{roomA}, ParticipantLeft{roomA},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("events %+v, want %+v", got, want)
	}
	if kinds := w.must("", Leave{ID: roomA}); kinds != nil {
		t.Errorf("left twice: %v", kinds)
	}
}

func TestLeave_OfAWindowThatNoLongerCountsChangesNothing(t *testing.T) {
	w := liveWorld(t)
	w.must(roomA, w.joining(roomA, "window-2", true))
	if kinds := w.must(roomA, Leave{ID: roomA, Window: "window-1"}); kinds != nil {
		t.Errorf("events %v", kinds)
	}
}

func TestLeave_KeepsTheLeadTeachersMicrophone(t *testing.T) {
	w := liveWorld(t)
	w.must(teacher, Leave{ID: teacher})
	w.join(teacher)
	if !w.state.Participant(teacher).AudioOpen {
		t.Error("the teacher came back muted")
	}
}

func TestReportMedia_OfAnAbsentParticipantIsIgnored(t *testing.T) {
	w := newWorld(t)
	if kinds := w.must("", ReportMedia{ID: roomA, Connected: true}); kinds != nil {
		t.Errorf("events %v", kinds)
	}
	if kinds := w.must("", ReportMedia{ID: "nobody", Connected: true}); kinds != nil {
		t.Errorf("events %v", kinds)
	}
}

func TestAttendance_SpansEndWhenTheConnectionWasLost(t *testing.T) {
	w := newWorld(t)
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	w.now = at(0)
	w.join(teacher, roomA)
	w.must(teacher, Start{})
	w.now = at(5)
	w.must("", LoseConnection{ID: roomA})
	w.now = at(6)
	w.must("", Leave{ID: roomA})
	w.now = at(10)
	w.must(roomA, w.joining(roomA, "window-1", false))
	w.now = at(20)
	w.must("", LoseConnection{ID: roomA})
	w.now = at(21)
	w.must(roomA, w.joining(roomA, "window-1", false)) // back in time: one span
	w.now = at(40)
	w.must(teacher, End{})

	want := []Span{{at(0), at(5)}, {at(10), at(40)}}
	if got := w.state.Participant(roomA).Spans; !reflect.DeepEqual(got, want) {
		t.Errorf("spans %v, want %v", got, want)
	}
	var ids []string
	for _, p := range w.state.Attendance() {
		ids = append(ids, p.ID)
	}
	if want := []string{teacher, roomA, roomB, roomC}; !reflect.DeepEqual(ids, want) {
		t.Errorf("attendance lists %v, want %v", ids, want)
	}
	if !w.state.MayReadAttendance(teacher) || w.state.MayReadAttendance(roomA) {
		t.Error("only the lead teacher reads the attendance of the own lesson")
	}
}
