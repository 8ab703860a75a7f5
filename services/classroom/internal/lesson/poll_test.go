package lesson

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

func TestPoll_ALaterAnswerReplacesAndTotalsAddUp(t *testing.T) {
	w := liveWorld(t)
	r, err := w.send(Command{Sender: teacher, Key: "key-00001", Do: OpenPoll{Question: "1/2?", Options: []string{"yes", "no"}}})
	if err != nil {
		t.Fatal(err)
	}
	id := r.PollID
	w.refuses(teacher, OpenPoll{Question: "again?", Options: []string{"a", "b"}}, fault.PollAlreadyOpen)
	w.must(roomA, AnswerPoll{PollID: id, ID: roomA, Counts: []uint32{20, 3}})
	w.must(assistant, AnswerPoll{PollID: id, ID: roomA, Counts: []uint32{21, 2}})
	w.must(roomB, AnswerPoll{PollID: id, ID: roomB, Counts: []uint32{0, 30}})
	if kinds := w.must(roomB, AnswerPoll{PollID: id, ID: roomB, Counts: []uint32{0, 30}}); kinds != nil {
		t.Errorf("the same answer again: %v", kinds)
	}
	closed := w.must(teacher, ClosePoll{PollID: id})
	if got := closed[0].(PollClosed).Answers; !reflect.DeepEqual(got, w.state.Poll.Answers) || len(got) != 2 {
		t.Errorf("the closing shows the answers %v", got)
	}
	if want := []uint32{21, 32}; !reflect.DeepEqual(w.state.Poll.Totals, want) {
		t.Errorf("totals %v, want %v", w.state.Poll.Totals, want)
	}
	if kinds := w.must(teacher, ClosePoll{PollID: id}); kinds != nil {
		t.Errorf("closed twice: %v", kinds)
	}
	w.refuses(roomA, AnswerPoll{PollID: id, ID: roomA, Counts: []uint32{1, 1}}, fault.PollClosed)
	w.must(teacher, OpenPoll{Question: "next?", Options: []string{"a", "b"}})
	w.refuses(roomA, AnswerPoll{PollID: id, ID: roomA, Counts: []uint32{1, 1}}, fault.PollClosed)
}

func TestPoll_Refusals(t *testing.T) {
	w := liveWorld(t)
	ask := OpenPoll{Question: "?", Options: []string{"a", "b", "c"}}
	w.refuses(roomA, ask, fault.PermissionDenied)
	w.refuses(assistant, ask, fault.PermissionDenied)
	w.refuses(teacher, OpenPoll{Question: " ", Options: ask.Options}, fault.InvalidArgument)
	w.refuses(teacher, OpenPoll{Question: strings.Repeat("问", 201), Options: ask.Options}, fault.InvalidArgument)
	w.refuses(teacher, OpenPoll{Question: "?", Options: []string{"a"}}, fault.InvalidArgument)
	w.refuses(teacher, OpenPoll{Question: "?", Options: make([]string, 7)}, fault.InvalidArgument)
	w.refuses(teacher, OpenPoll{Question: "?", Options: []string{"a", "\xff"}}, fault.InvalidArgument)
	w.refuses(roomA, AnswerPoll{PollID: "pol_1", ID: roomA, Counts: []uint32{1, 2, 3}}, fault.PollNotFound)
	w.refuses(teacher, ClosePoll{PollID: "pol_1"}, fault.PollNotFound)
	w.must(teacher, ask)
	id := w.state.Poll.ID
	w.refuses(roomA, AnswerPoll{PollID: id, ID: roomA, Counts: []uint32{1, 2}}, fault.InvalidArgument)
	w.refuses(roomA, AnswerPoll{PollID: id, ID: roomA, Counts: []uint32{1, 2, 201}}, fault.InvalidArgument)
	w.refuses(roomA, AnswerPoll{PollID: id, ID: roomB, Counts: []uint32{1, 2, 3}}, fault.PermissionDenied)
	w.refuses(teacher, AnswerPoll{PollID: id, ID: roomA, Counts: []uint32{1, 2, 3}}, fault.PermissionDenied)
	w.refuses(roomA, ClosePoll{PollID: id}, fault.PermissionDenied)
}

func TestChat_FiveLinesInTenSecondsPerParticipant(t *testing.T) {
	w := newWorld(t)
	w.join(roomA, roomB, observer)
	for i := range ChatBurst {
		w.now = w.now.Add(time.Second)
		w.must(roomA, PostChat{Text: fmt.Sprint("line ", i)})
	}
	_, err := w.send(Command{Sender: roomA, Do: PostChat{Text: "one more"}})
	if fault.ReasonOf(err) != fault.ResourceExhausted || fault.From(err).RetryAfter() != 6*time.Second {
		t.Errorf("got %v, retry after %v", err, fault.From(err).RetryAfter())
	}
	w.must(roomB, PostChat{Text: "others are not held up"})
	w.now = w.now.Add(6 * time.Second)
	w.must(roomA, PostChat{Text: "one more"})
	w.refuses(roomA, PostChat{Text: "and another"}, fault.ResourceExhausted)
	w.refuses(observer, PostChat{Text: "I only watch"}, fault.PermissionDenied)
	w.refuses(roomB, PostChat{Text: " \n"}, fault.InvalidArgument)
	w.refuses(roomB, PostChat{Text: strings.Repeat("长", 501)}, fault.InvalidArgument)
	w.must(roomB, PostChat{Text: strings.Repeat("长", 500)})
}

func TestChat_TheStateKeepsTheLastLines(t *testing.T) {
	w := newWorld(t)
	w.join(roomA)
	before := w.state
	for i := range ChatKept + 10 {
		w.now = w.now.Add(3 * time.Second)
		w.must(roomA, PostChat{Text: fmt.Sprint(i)})
	}
	if n := len(w.state.Chat); n != ChatKept || w.state.Chat[0].Text != "10" {
		t.Errorf("%d lines, first %q", n, w.state.Chat[0].Text)
	}
	if len(before.Chat) != 0 {
		t.Error("an older state has changed")
	}
}

func TestHeadCount_ByTheRoomItsAssistantOrTheTeacher(t *testing.T) {
	w := newWorld(t)
	w.join(teacher, roomA, roomB, assistant, observer)
	w.must(roomA, SetHeadCount{ID: roomA, Count: 31})
	w.must(assistant, SetHeadCount{ID: roomA, Count: 32})
	w.must(teacher, SetHeadCount{ID: roomA, Count: 0})
	if kinds := w.must(roomA, SetHeadCount{ID: roomA, Count: 0}); kinds != nil {
		t.Errorf("events %v", kinds)
	}
	w.refuses(roomB, SetHeadCount{ID: roomA, Count: 1}, fault.PermissionDenied)
	w.refuses(assistant, SetHeadCount{ID: roomB, Count: 1}, fault.PermissionDenied)
	w.refuses(observer, SetHeadCount{ID: roomA, Count: 1}, fault.PermissionDenied)
	w.refuses(roomA, SetHeadCount{ID: roomA, Count: 201}, fault.InvalidArgument)
	w.refuses(teacher, SetHeadCount{ID: teacher, Count: 1}, fault.InvalidArgument)
}

func TestPolls_TheStateKeepsABoundedNumberOfPastOnes(t *testing.T) {
	w := liveWorld(t)
	for range PollsKept + 10 {
		w.now = w.now.Add(time.Second)
		w.must(teacher, OpenPoll{Question: "?", Options: []string{"a", "b"}})
		w.must(teacher, ClosePoll{PollID: w.state.Poll.ID})
	}
	if n := len(w.state.pastPolls); n != PollsKept {
		t.Errorf("%d kept", n)
	}
}
