package lesson

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

func TestKey_ARepeatGetsTheFirstAnswerAndChangesNothing(t *testing.T) {
	w := liveWorld(t)
	raise := Command{Sender: roomA, Key: "key-00001", Do: RaiseHand{ID: roomA}}
	first, err := w.send(raise)
	if err != nil || first.Ordinal == 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	w.must(teacher, LowerHand{ID: roomA})
	entries := len(w.log)
	again, err := w.send(raise)
	if err != nil || again != first {
		t.Errorf("%+v, %v; want %+v", again, err, first)
	}
	if len(w.log) != entries || w.state.HandRaised(roomA) {
		t.Error("the repeat had an effect")
	}
}

func TestKey_ACommandThatChangedNothingIsRememberedToo(t *testing.T) {
	w := liveWorld(t)
	lower := Command{Sender: roomA, Key: "key-00001", Do: LowerHand{ID: roomA}}
	if r, err := w.send(lower); err != nil || r.Ordinal != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	w.must(roomA, RaiseHand{ID: roomA})
	if r, err := w.send(lower); err != nil || r.Ordinal != 0 || !w.state.HandRaised(roomA) {
		t.Errorf("%+v, %v, hand raised %v", r, err, w.state.HandRaised(roomA))
	}
}

func TestKey_OfAnotherCommandIsRefusedAndOfAnotherSenderIsNot(t *testing.T) {
	w := liveWorld(t)
	if _, err := w.send(Command{Sender: roomA, Key: "key-00001", Do: RaiseHand{ID: roomA}}); err != nil {
		t.Fatal(err)
	}
	_, err := w.send(Command{Sender: roomA, Key: "key-00001", Do: LowerHand{ID: roomA}})
	if fault.ReasonOf(err) != fault.InvalidArgument {
		t.Errorf("got %v", err)
	}
	if r, err := w.send(Command{Sender: roomB, Key: "key-00001", Do: RaiseHand{ID: roomB}}); err != nil || r.Ordinal == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestKey_TheLastOnesAreKept(t *testing.T) {
	w := liveWorld(t)
	for i := range KeysKept + 1 {
		w.now = w.now.Add(time.Second) // at a pace that is allowed
		if _, err := w.send(Command{Sender: roomA, Key: fmt.Sprintf("key-%05d", i), Do: SetHeadCount{ID: roomA, Count: uint32(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.state.Participant(roomA).receipts); n != KeysKept {
		t.Errorf("%d keys kept", n)
	}
	entries := len(w.log)
	if _, err := w.send(Command{Sender: roomA, Key: "key-00001", Do: SetHeadCount{ID: roomA, Count: 1}}); err != nil || len(w.log) != entries {
		t.Errorf("the oldest kept key was forgotten: %v", err)
	}
}

func TestKey_ARepeatedPollGivesItsId(t *testing.T) {
	w := liveWorld(t)
	c := Command{Sender: teacher, Key: "key-00001", Do: OpenPoll{Question: "?", Options: []string{"a", "b"}}}
	first, err := w.send(c)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.send(c); err != nil || again != first || again.PollID == "" {
		t.Errorf("%+v, %v; want %+v", again, err, first)
	}
}

func TestApplyEntry_RefusesALogWithGaps(t *testing.T) {
	w := liveWorld(t)
	for _, damaged := range []Entry{
		{Events: []Event{{Ordinal: w.state.Ordinal + 2, Kind: HandRaised{roomA}}}},
		{Events: []Event{{Ordinal: w.state.Ordinal, Kind: HandRaised{roomA}}}},
		{Events: []Event{{Ordinal: w.state.Ordinal + 1, Kind: LessonOpened{}}}},
	} {
		if _, err := ApplyEntry(w.state, damaged); err == nil {
			t.Errorf("accepted %+v", damaged)
		}
	}
	if _, err := ApplyEntry(&State{}, Entry{Events: []Event{{Ordinal: 1, Kind: LessonStarted{}}}}); err == nil {
		t.Error("accepted a log that does not begin with its opening")
	}
}

func TestTime_NeverGoesBackwards(t *testing.T) {
	w := liveWorld(t)
	last := w.state.LastAt
	w.now = last.Add(-time.Hour)
	w.must(roomA, RaiseHand{ID: roomA})
	if !w.state.LastAt.Equal(last) {
		t.Errorf("event at %v after %v", w.state.LastAt, last)
	}
}

// FuzzDecide sends random commands and checks that no input makes Decide panic, that ordinals have no gaps, that
// refusals are typed, and that the log alone leads to the same state.
func FuzzDecide(f *testing.F) {
	for seed := range uint64(32) {
		f.Add(seed, 300)
	}
	f.Fuzz(func(t *testing.T, seed uint64, length int) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t)
		for range min(max(length, 0), 2000) {
			w.now = w.now.Add(time.Duration(rnd.IntN(2500)) * time.Millisecond)
			c := randomCommand(rnd, w.state)
			before := w.state
			if _, err := w.send(c); err != nil {
				if reason := fault.ReasonOf(err); reason == fault.Internal {
					t.Fatalf("%+v: %v", c, err)
				}
				if w.state != before {
					t.Fatalf("%+v was refused and changed the state", c)
				}
			}
			checkInvariants(t, w.state, w.now)
		}
		var ordinal uint64
		for _, entry := range w.log {
			for _, e := range entry.Events {
				if ordinal++; e.Ordinal != ordinal {
					t.Fatalf("event %d stands at %d", e.Ordinal, ordinal)
				}
			}
		}
		if got := w.replayed(); !reflect.DeepEqual(got, w.state) {
			t.Fatalf("replay differs:\n%+v\n%+v", got, w.state)
		}
	})
}

func checkInvariants(t *testing.T, s *State, now time.Time) {
	t.Helper()
	if len(s.Stage) > s.Plan.StageSize {
		t.Fatalf("stage %v", s.Stage)
	}
	if len(s.Chat) > ChatKept {
		t.Fatalf("%d lines of chat", len(s.Chat))
	}
	for _, id := range append(hands(s), s.Stage...) {
		if p := s.Participant(id); p == nil || p.Role != RoleClassroom || p.Presence == Absent {
			t.Fatalf("%s has a raised hand or is on stage", id)
		}
	}
	for _, p := range s.Participants {
		open := len(p.Spans) > 0 && p.Spans[len(p.Spans)-1].To.IsZero()
		if open != (p.Presence != Absent) {
			t.Fatalf("%s is %v with spans %v", p.ID, p.Presence, p.Spans)
		}
		if burst, interval := p.pace(); p.paidUntil.Sub(now) > time.Duration(burst+1)*interval { // one for leaving
			t.Fatalf("%s went beyond its pace until %v", p.ID, p.paidUntil)
		}
		if len(p.receipts) > KeysKept {
			t.Fatalf("%s has %d keys", p.ID, len(p.receipts))
		}
		if p.AudioOpen && (p.Role == RoleAssistant || p.Role == RoleObserver) {
			t.Fatalf("%s has an open microphone", p.ID)
		}
	}
}

func randomCommand(rnd *rand.Rand, s *State) Command {
	ids := []string{teacher, roomA, roomB, roomC, assistant, observer, "psn_stranger", ""}
	anyone := func() string { return ids[rnd.IntN(len(ids))] }
	yes := func() bool { return rnd.IntN(2) == 0 }
	poll := "pol_1"
	if s.Poll != nil && rnd.IntN(4) > 0 {
		poll = s.Poll.ID
	}
	counts := make([]uint32, rnd.IntN(4))
	for i := range counts {
		counts[i] = uint32(rnd.IntN(220))
	}
	windows := []string{"window-1", "window-2"}
	c := Command{Sender: anyone()}
	if yes() {
		c.Key = fmt.Sprintf("key-%05d", rnd.IntN(400))
	}
	switch rnd.IntN(20) {
	case 0, 1, 2:
		id := ids[rnd.IntN(6)]
		if m, ok := s.Plan.Admit(visitors()[id]); ok {
			c = Command{Sender: id, Do: Join{Member: m, Window: windows[rnd.IntN(2)], TakeOver: yes()}}
			return c
		}
		c.Do = Expire{}
	case 3:
		c.Do = LoseConnection{ID: anyone()}
	case 4:
		c.Do = Leave{ID: anyone(), Window: windows[rnd.IntN(2)]}
	case 5:
		c.Do = ReportMedia{ID: anyone(), Connected: yes()}
	case 6, 7:
		c.Do = RaiseHand{ID: anyone()}
	case 8:
		c.Do = LowerHand{ID: anyone()}
	case 9, 10:
		c.Do = CallOn{ID: anyone()}
	case 11:
		c.Do = SetStage{ID: anyone(), On: yes()}
	case 12:
		c.Do = SetAudio{ID: anyone(), Open: yes()}
	case 13:
		c.Do = MuteAll{}
	case 14:
		c.Do = PostChat{Text: string(rune(rnd.IntN(0x4000)))}
	case 15:
		c.Do = OpenPoll{Question: "?", Options: make([]string, rnd.IntN(8))}
		if yes() {
			c.Do = OpenPoll{Question: "?", Options: []string{"a", "b", "c"}[:2+rnd.IntN(2)]}
		}
	case 16:
		c.Do = AnswerPoll{PollID: poll, ID: anyone(), Counts: counts}
	case 17:
		c.Do = ClosePoll{PollID: poll}
	case 18:
		c.Do = SetHeadCount{ID: anyone(), Count: uint32(rnd.IntN(220))}
	case 19:
		switch rnd.IntN(12) {
		case 0:
			c.Do = End{}
		case 1:
			c.Do = Open{Plan: s.Plan}
		case 2:
			c.Do = Expire{}
		default:
			c.Do = Start{}
		}
	}
	return c
}

func BenchmarkDecide(b *testing.B) {
	w := liveWorld(b)
	on := true
	for b.Loop() {
		w.now = w.now.Add(time.Second) // at a pace that is allowed
		action := Action(RaiseHand{ID: roomA})
		if !on {
			action = LowerHand{ID: roomA}
		}
		on = !on
		d, err := Decide(w.state, Command{Sender: roomA, Key: strconv.FormatUint(w.state.Ordinal, 10), Do: action}, w.now)
		if err != nil {
			b.Fatal(err)
		}
		w.state = d.Next
	}
}
