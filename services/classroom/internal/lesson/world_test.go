package lesson

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// start is when the lesson of all tests begins.
var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

const (
	teacher   = "psn_lead"
	roomA     = "rom_a"
	roomB     = "rom_b"
	roomC     = "rom_c"
	assistant = "psn_assistant" // of room A's campus
	observer  = "psn_observer"
)

func testPlan() Plan {
	return Plan{
		LessonID: "lsn_1", Title: "分数的意义", Kind: "DELIVERED_CLASS",
		StartsAt: start, EndsAt: start.Add(40 * time.Minute), Overrun: 10 * time.Minute,
		Roster: []Member{
			{ID: teacher, Name: "Lead", Role: RoleLead, CampusID: "cmp_lead", CampusName: "Lead campus"},
			{ID: roomA, Name: "A", Role: RoleClassroom, CampusID: "cmp_a", CampusName: "Campus A"},
			{ID: roomB, Name: "B", Role: RoleClassroom, CampusID: "cmp_b", CampusName: "Campus B"},
			{ID: roomC, Name: "C", Role: RoleClassroom, CampusID: "cmp_b", CampusName: "Campus B"},
		},
		CampusIDs: []string{"cmp_lead", "cmp_a", "cmp_b"},
		StageSize: 2,
	}
}

// world is a lesson with its log.
type world struct {
	t     testing.TB
	state *State
	log   []Entry
	now   time.Time
}

// newWorld is an opened lesson, ten minutes before its start, with nobody there.
func newWorld(t testing.TB) *world {
	w := &world{t: t, state: &State{}, now: start.Add(-10 * time.Minute)}
	w.must("", Open{Plan: testPlan(), Lead: 15 * time.Minute})
	return w
}

// liveWorld is a started lesson with everybody there.
func liveWorld(t testing.TB) *world {
	w := newWorld(t)
	w.join(teacher, roomA, roomB, roomC, assistant, observer)
	w.now = start
	w.must(teacher, Start{})
	return w
}

func visitors() map[string]Visitor {
	return map[string]Visitor{
		teacher:   {ID: teacher, Name: "Lead", CampusID: "cmp_lead"},
		roomA:     {ID: roomA, Device: true},
		roomB:     {ID: roomB, Device: true},
		roomC:     {ID: roomC, Device: true},
		assistant: {ID: assistant, Name: "Assistant", CampusID: "cmp_a", Assistant: true},
		observer:  {ID: observer, Name: "Observer", CampusID: "cmp_lead", Observer: true},
	}
}

func (w *world) join(ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		w.must(id, w.joining(id, "window-1", true))
	}
}

func (w *world) joining(id, window string, takeOver bool) Join {
	w.t.Helper()
	m, ok := w.state.Plan.Admit(visitors()[id])
	if !ok {
		w.t.Fatalf("%s is not admitted", id)
	}
	return Join{Member: m, Window: window, TakeOver: takeOver}
}

// send decides and stores a command.
func (w *world) send(c Command) (Receipt, error) {
	w.t.Helper()
	d, err := Decide(w.state, c, w.now)
	if err != nil {
		return Receipt{}, err
	}
	if !d.Entry.Empty() {
		w.log = append(w.log, d.Entry)
	}
	w.state = d.Next
	return d.Receipt, nil
}

func (w *world) must(sender string, a Action) []Kind {
	w.t.Helper()
	before := len(w.log)
	if _, err := w.send(Command{Sender: sender, Do: a}); err != nil {
		w.t.Fatalf("%s by %q: %v", a.Name(), sender, err)
	}
	var kinds []Kind
	for _, entry := range w.log[before:] {
		for _, e := range entry.Events {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// refuses checks that a command fails with a reason and changes nothing.
func (w *world) refuses(sender string, a Action, reason fault.Reason) {
	w.t.Helper()
	before := w.state
	_, err := w.send(Command{Sender: sender, Do: a})
	if got := fault.ReasonOf(err); got != reason {
		w.t.Errorf("%s %+v by %q: reason %q, want %q", a.Name(), a, sender, got, reason)
	}
	if w.state != before {
		w.t.Errorf("%s by %q was refused and changed the state", a.Name(), sender)
	}
}

// replayed is the state that the log alone leads to.
func (w *world) replayed() *State {
	w.t.Helper()
	s := &State{}
	for _, entry := range w.log {
		var err error
		if s, err = ApplyEntry(s, entry); err != nil {
			w.t.Fatalf("replay: %v", err)
		}
	}
	return s
}
