package lesson

import (
	"fmt"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// toggle sends commands until one is refused, and returns how many were stored and how long to wait.
func toggle(t *testing.T, w *world, sender string, action func(i int) Action) (stored int, wait time.Duration) {
	t.Helper()
	for i := range 1000 {
		before := len(w.log)
		_, err := w.send(Command{Sender: sender, Key: fmt.Sprintf("toggle-%d-%d", w.now.UnixNano(), i), Do: action(i)})
		if err != nil {
			if got := fault.ReasonOf(err); got != fault.ResourceExhausted {
				t.Fatalf("command %d: %v", i, err)
			}
			return stored, fault.From(err).RetryAfter()
		}
		stored += len(w.log) - before
	}
	t.Fatal("nothing was refused")
	return 0, 0
}

func raiseOrLower(i int) Action {
	if i%2 == 0 {
		return RaiseHand{ID: roomA}
	}
	return LowerHand{ID: roomA}
}

func TestPace_OneParticipantCannotFloodTheLog(t *testing.T) {
	for name, row := range map[string]struct {
		sender   string
		action   func(int) Action
		burst    int
		interval time.Duration
	}{
		"hands of a room":       {roomA, raiseOrLower, paceBurst, paceInterval},
		"head-counts":           {assistant, func(i int) Action { return SetHeadCount{ID: roomA, Count: uint32(i % 2)} }, paceBurst, paceInterval},
		"what changes nothing":  {roomB, func(int) Action { return LowerHand{ID: roomB} }, paceBurst, paceInterval},
		"the lead teacher mute": {teacher, func(i int) Action { return SetAudio{ID: teacher, Open: i%2 == 1} }, leadPaceBurst, leadPaceInterval},
	} {
		t.Run(name, func(t *testing.T) {
			w := liveWorld(t)
			w.now = w.now.Add(time.Hour / 4)
			stored, wait := toggle(t, w, row.sender, row.action)
			if stored != row.burst || wait <= 0 || wait > row.interval {
				t.Fatalf("%d entries, then wait %v; want %d, then at most %v", stored, wait, row.burst, row.interval)
			}
			w.now = w.now.Add(wait)
			if stored, _ = toggle(t, w, row.sender, row.action); stored != 1 {
				t.Errorf("%d entries after the wait, want 1", stored)
			}
			w.now = w.now.Add(10 * time.Second)
			if stored, _ = toggle(t, w, row.sender, row.action); stored != int(10*time.Second/row.interval) {
				t.Errorf("%d entries in the long run of 10 s", stored)
			}
		})
	}
}

func TestPace_ComingAndGoingCountsAndGoingIsNeverRefused(t *testing.T) {
	w := liveWorld(t)
	for i := range 1000 {
		if _, err := w.send(Command{Sender: observer, Do: Leave{ID: observer}}); err != nil {
			t.Fatalf("leaving was refused: %v", err)
		}
		if _, err := w.send(Command{Sender: observer, Do: w.joining(observer, "window-1", true)}); err != nil {
			if fault.ReasonOf(err) != fault.ResourceExhausted || i < paceBurst/2-1 {
				t.Fatalf("coming for the %dth time: %v", i, err)
			}
			return
		}
	}
	t.Error("nothing was refused")
}

func TestPace_StopsNeitherOthersNorTheSystemNorTheEnd(t *testing.T) {
	w := liveWorld(t)
	toggle(t, w, roomA, raiseOrLower)
	toggle(t, w, teacher, func(i int) Action { return SetAudio{ID: teacher, Open: i%2 == 1} })
	w.must(roomB, RaiseHand{ID: roomB})
	w.must("", LoseConnection{ID: roomA})
	w.must(teacher, End{})
}

func TestPace_RefusesNoRepeatAndIsTheSameAfterAReplay(t *testing.T) {
	w := liveWorld(t)
	raise := Command{Sender: roomA, Key: "key-00001", Do: RaiseHand{ID: roomA}}
	first, err := w.send(raise)
	if err != nil {
		t.Fatal(err)
	}
	toggle(t, w, roomA, func(i int) Action { return raiseOrLower(i + 1) })
	if d, err := Decide(w.replayed(), Command{Sender: roomA, Key: "key-99999", Do: LowerHand{ID: roomA}}, w.now); fault.ReasonOf(err) != fault.ResourceExhausted {
		t.Errorf("after a replay: %+v, %v", d, err)
	}
	recent := w.log[len(w.log)-1]
	if _, err := w.send(Command{Sender: roomA, Key: recent.Key, Do: commandOf(recent)}); err != nil {
		t.Errorf("a repeat was refused: %v", err)
	}
	if first.Ordinal == 0 {
		t.Error("the first command changed nothing")
	}
}

func commandOf(e Entry) Action {
	if e.Command == (RaiseHand{}).Name() {
		return RaiseHand{ID: e.Sender}
	}
	return LowerHand{ID: e.Sender}
}
