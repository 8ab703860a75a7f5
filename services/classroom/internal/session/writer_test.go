package session

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// jetStream starts an embedded server on a directory.
func jetStream(t testing.TB, dir string) (*eventlog.Embedded, eventlog.Log) {
	t.Helper()
	e, err := eventlog.StartEmbedded(eventlog.EmbeddedParams{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	store, err := eventlog.Open(t.Context(), eventlog.Params{Embedded: e})
	if err != nil {
		t.Fatal(err)
	}
	return e, store
}

func TestCrash_EverythingAcknowledgedIsThereAfterwards(t *testing.T) {
	dir := t.TempDir()
	server, logs := jetStream(t, dir)
	first := run(t, logs)
	first.joined(teacher, roomA, roomB)
	first.do(teacher, lesson.Start{})
	poll := first.do(teacher, lesson.OpenPoll{Question: "1/2 = 2/4?", Options: []string{"是", "否"}}).PollID
	first.do(roomA, lesson.RaiseHand{ID: roomA})
	first.do(roomB, lesson.PostChat{Text: "听得到"})
	first.do(roomA, lesson.AnswerPoll{PollID: poll, ID: roomA, Counts: []uint32{30, 2}})
	first.do(roomB, lesson.SetHeadCount{ID: roomB, Count: 28})
	first.do(teacher, lesson.CallOn{ID: roomB})
	raise := lesson.RaiseHand{ID: roomB}
	receipt, err := first.try(roomB, "key-00001", raise)
	if err != nil {
		t.Fatal(err)
	}
	before := first.state()
	server.Close() // the power goes: no lease is released, nothing is said to anybody

	server, logs = jetStream(t, dir)
	defer server.Close()
	second := run(t, logs)
	defer second.stop()
	testkit.Eventually(t, func() bool { return len(second.Live()) == 1 }, "the lesson is recovered without a visitor")
	if after := second.state(); after.Ordinal < before.Ordinal || !reflect.DeepEqual(upTo(before.Ordinal, second), before) {
		t.Errorf("state at %d differs from the one before, at %d", after.Ordinal, before.Ordinal)
	}
	if again, err := second.try(roomB, "key-00001", raise); err != nil || again != receipt {
		t.Errorf("the repeat got %+v, %v; want %+v", again, err, receipt)
	}
	room := second.attend(roomA, "window-"+roomA, false, before.Ordinal)
	second.do(teacher, lesson.ClosePoll{PollID: poll})
	testkit.Eventually(t, func() bool { return room.last(before.Ordinal) == second.state().Ordinal }, "the room goes on")
	if got := second.state().Poll.Totals; !reflect.DeepEqual(got, []uint32{30, 2}) {
		t.Errorf("totals %v", got)
	}
	first.stop()
}

// upTo replays the log as far as an ordinal.
func upTo(ordinal uint64, i *instance) *lesson.State {
	i.t.Helper()
	stored, err := i.p.Logs.Read(context.Background(), theLesson, 0)
	if err != nil {
		i.t.Fatal(err)
	}
	for n := len(stored); n > 0; n-- {
		h, _, err := replay(&head{state: &lesson.State{}}, stored[:n])
		if err != nil {
			i.t.Fatal(err)
		}
		if h.state.Ordinal == ordinal {
			return h.state
		}
	}
	i.t.Fatalf("the log has no state at %d", ordinal)
	return nil
}

func TestWriter_OnlyOneInstanceWritesALesson(t *testing.T) {
	logs := eventlog.NewMemory()
	first := run(t, logs)
	defer first.stop()
	first.joined(teacher)
	second := run(t, logs, withHolder("instance-2"))
	defer second.stop()
	if _, err := second.try(teacher, "", lesson.Start{}); fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("the second instance: %v", err)
	}
	first.do(teacher, lesson.Start{})
}

func TestWriter_ThatWasReplacedIsFencedAndItsStreamsAreToldToComeBack(t *testing.T) {
	logs := eventlog.NewMemory()
	old := run(t, logs)
	defer old.stop()
	c := old.joined(teacher)[teacher]
	old.do(teacher, lesson.Start{})

	successor := run(t, logs) // the same instance id: it takes its own leases over at once
	defer successor.stop()
	testkit.Eventually(t, func() bool { return len(successor.Live()) == 1 }, "the successor recovers")
	successor.do(teacher, lesson.SetHeadCount{ID: roomA, Count: 7})

	// The old one knows nothing yet. Its next entry does not fit, and it reads that somebody else writes.
	_, err := old.try(teacher, "key-00001", lesson.SetHeadCount{ID: roomA, Count: 8})
	if fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("the old writer: %v", err)
	}
	if err := c.ended(); fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("its stream ended with %v", err)
	}
	if got := *successor.state().Participant(roomA).HeadCount; got != 7 {
		t.Errorf("head count %d", got)
	}
}

func TestWriter_AnInstanceTakesOverFromOneThatDied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := &faulty{Log: eventlog.NewMemory()}
		dead := run(t, logs)
		dead.joined(teacher)
		dead.do(teacher, lesson.Start{})
		heir := run(t, logs, withHolder("instance-2"))
		later(time.Second)
		if live := heir.Live(); len(live) != 0 {
			t.Fatal("took a lesson whose writer lives")
		}
		dead.stop()
		later(time.Minute)
		if live := heir.Live(); len(live) != 1 {
			t.Error("nobody writes the lesson")
		}
		heir.stop()
	})
}

// faulty is a log whose appends can go wrong.
type faulty struct {
	eventlog.Log
	mu sync.Mutex
	// before and after run around each append; an error of theirs is what the writer hears.
	before, after func() error
	// away makes appends, leases and reads fail.
	away atomic.Bool
}

func (f *faulty) Acquire(ctx context.Context, log, holder string, ttl time.Duration) (*eventlog.Lease, error) {
	if f.away.Load() {
		return nil, fault.New(fault.Unavailable)
	}
	return f.Log.Acquire(ctx, log, holder, ttl)
}

func (f *faulty) Last(ctx context.Context, log string) (eventlog.Entry, error) {
	if f.away.Load() {
		return eventlog.Entry{}, fault.New(fault.Unavailable)
	}
	return f.Log.Last(ctx, log)
}

func (f *faulty) Read(ctx context.Context, log string, after eventlog.Position) ([]eventlog.Entry, error) {
	if f.away.Load() {
		return nil, fault.New(fault.Unavailable)
	}
	return f.Log.Read(ctx, log, after)
}

func (f *faulty) set(before, after func() error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.after = before, after
}

func (f *faulty) Append(ctx context.Context, log string, pos eventlog.Position, e eventlog.Entry) (eventlog.Position, error) {
	if f.away.Load() {
		return 0, fault.New(fault.Unavailable)
	}
	f.mu.Lock()
	before, after := f.before, f.after
	f.mu.Unlock()
	if before != nil {
		if err := before(); err != nil {
			return 0, fault.Wrap(fault.Unavailable, err)
		}
	}
	p, err := f.Log.Append(ctx, log, pos, e)
	if err == nil && after != nil {
		if err := after(); err != nil {
			return 0, fault.Wrap(fault.Unavailable, err)
		}
	}
	return p, err
}

var errLost = errors.New("the answer was lost")

func TestCommit_AnAnswerLostOnTheWayIsFoundInTheLog(t *testing.T) {
	logs := &faulty{Log: eventlog.NewMemory()}
	i := run(t, logs)
	defer i.stop()
	c := i.joined(teacher)[teacher]
	i.do(teacher, lesson.Start{})
	logs.set(nil, func() error {
		logs.set(nil, nil)
		return errLost
	})
	r, err := i.try(teacher, "key-00001", lesson.PostChat{Text: "once"})
	if err != nil {
		t.Fatal(err)
	}
	state := i.state()
	if len(state.Chat) != 1 || state.Chat[0].Ordinal != r.Ordinal || state.Ordinal != r.Ordinal {
		t.Errorf("receipt %+v, chat %+v", r, state.Chat)
	}
	testkit.Eventually(t, func() bool { return c.last(0) == r.Ordinal }, "the line is published once")
}

func TestCommit_WhatWasNotStoredIsTriedAgain(t *testing.T) {
	logs := &faulty{Log: eventlog.NewMemory()}
	i := run(t, logs)
	defer i.stop()
	i.joined(teacher)
	i.do(teacher, lesson.Start{})
	failures := 2
	logs.set(func() error {
		if failures--; failures >= 0 {
			return errLost
		}
		return nil
	}, nil)
	if r := i.do(teacher, lesson.PostChat{Text: "once"}); r.Ordinal != i.state().Ordinal || len(i.state().Chat) != 1 {
		t.Errorf("receipt %+v, chat %+v", r, i.state().Chat)
	}
}

func TestCommit_StorageThatIsAwayFailsTheCommandAndNothingIsHalfDone(t *testing.T) {
	logs := &faulty{Log: eventlog.NewMemory()}
	i := run(t, logs)
	defer i.stop()
	i.joined(teacher, roomA)
	i.do(teacher, lesson.Start{})
	before := i.state()
	logs.set(func() error { return errLost }, nil)
	if _, err := i.try(teacher, "key-00001", lesson.CallOn{ID: roomA}); fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	if i.state() != before {
		t.Error("the state changed")
	}
	logs.set(nil, nil)
	if _, err := i.try(teacher, "key-00001", lesson.CallOn{ID: roomA}); err != nil || !i.state().OnStage(roomA) {
		t.Errorf("the repeat: %v", err)
	}
}

func TestCommit_AStallHoldsCommandsUpToTheirDeadlineAndLosesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := &faulty{Log: eventlog.NewMemory()}
		i := run(t, logs)
		defer i.stop()
		c := i.joined(teacher, roomA)[roomA]
		i.do(teacher, lesson.Start{})
		stall := make(chan struct{})
		logs.set(func() error { <-stall; return nil }, nil)

		s, _ := i.enter(roomA)
		answers := make(chan error, 3)
		for n := range 3 {
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
				defer cancel()
				_, err := s.Do(ctx, lesson.Command{
					Sender: roomA, Key: fmt.Sprintf("key-%05d", n), Do: lesson.PostChat{Text: fmt.Sprint(n)},
				})
				answers <- err
			}()
		}
		begun := time.Now()
		for range 3 {
			if err := <-answers; fault.ReasonOf(err) != fault.DeadlineExceeded {
				t.Errorf("got %v", err)
			}
		}
		if waited := time.Since(begun); waited != 3*time.Second {
			t.Errorf("waited %v", waited)
		}
		c.mu.Lock()
		if len(c.heartbeats) == 0 {
			t.Error("no heartbeat during the stall")
		}
		c.mu.Unlock()

		logs.set(nil, nil)
		close(stall)
		for n := range 3 {
			if _, err := i.try(roomA, fmt.Sprintf("key-%05d", n), lesson.PostChat{Text: fmt.Sprint(n)}); err != nil {
				t.Errorf("repeat %d: %v", n, err)
			}
		}
		if n := len(i.state().Chat); n != 3 {
			t.Errorf("%d lines: %+v", n, i.state().Chat)
		}
	})
}

func TestCommit_WithoutStorageAndLeaseIsUnavailableAtOnceAndGoesOnAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := &faulty{Log: eventlog.NewMemory()}
		i := run(t, logs)
		defer i.stop()
		c := i.joined(teacher, roomA)[roomA]
		i.do(teacher, lesson.Start{})
		logs.away.Store(true)
		taken, err := logs.Log.Acquire(t.Context(), theLesson, "instance-1", time.Second) // as if it had run out
		if err != nil {
			t.Fatal(err)
		}
		later(10 * time.Second) // the session has seen that its lease is lost
		begun := time.Now()
		for n := range 3 {
			_, err := i.try(roomA, fmt.Sprintf("key-%05d", n), lesson.PostChat{Text: "?"})
			if fault.ReasonOf(err) != fault.Unavailable {
				t.Errorf("got %v", err)
			}
		}
		if waited := time.Since(begun); waited > 0 {
			t.Errorf("waited %v", waited)
		}
		if err := taken.Release(t.Context()); err != nil {
			t.Fatal(err)
		}

		logs.away.Store(false)
		later(time.Second) // the lease comes back without a command
		if _, err := i.try(roomA, "key-00000", lesson.PostChat{Text: "!"}); err != nil {
			t.Fatal(err)
		}
		later(time.Second)
		if got := c.last(0); got != i.state().Ordinal || len(i.state().Chat) != 1 {
			t.Errorf("the stream is at %d of %d, chat %+v", got, i.state().Ordinal, i.state().Chat)
		}
	})
}

func TestCommit_ConcurrentCommandsAreAllStoredOnce(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	c := i.joined(teacher, roomA)[roomA]
	i.do(teacher, lesson.Start{})
	before := i.state().Ordinal
	var work sync.WaitGroup
	for n := range 16 {
		work.Go(func() {
			for k := range 8 {
				// every command is sent twice, as a client does that hears nothing
				for range 2 {
					key := fmt.Sprintf("key-%02d-%02d", n, k)
					if _, err := i.try(teacher, key, lesson.SetAudio{ID: roomA, Open: (n+k)%2 == 0}); err != nil {
						t.Errorf("%s: %v", key, err)
					}
				}
			}
		})
	}
	work.Wait()
	state := i.state()
	if state.Ordinal-before > 16*8 {
		t.Errorf("%d events of %d commands", state.Ordinal-before, 16*8)
	}
	testkit.Eventually(t, func() bool { return c.last(0) == state.Ordinal }, "all events arrive")
	if got := upTo(state.Ordinal, i); got.Ordinal != state.Ordinal {
		t.Errorf("the log ends at %d", got.Ordinal)
	}
}

func TestOpen_WhoMayOpenAndWhen(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	now := time.Now()
	early, cancelled, over := planAt("lsn_early", now.Add(time.Hour)), planAt("lsn_cancelled", now), planAt("lsn_over", now.Add(-2*time.Hour))
	cancelled.Cancelled = true
	plans := i.p.Planner.(planBook).plans
	plans["lsn_early"], plans["lsn_cancelled"], plans["lsn_over"] = early, cancelled, over
	for _, tt := range []struct {
		id     string
		v      lesson.Visitor
		reason fault.Reason
	}{
		{"lsn_early", visitorOf(teacher), fault.LessonNotOpen},
		{"lsn_cancelled", visitorOf(teacher), fault.LessonCancelled},
		{"lsn_over", visitorOf(teacher), fault.LessonEnded},
		{"lsn_unknown", visitorOf(teacher), fault.NotFound},
		{theLesson, lesson.Visitor{ID: "psn_stranger", CampusID: "cmp_x", Observer: true}, fault.PermissionDenied},
		{theLesson, lesson.Visitor{ID: "rom_x", Device: true}, fault.PermissionDenied},
	} {
		_, _, err := i.Open(t.Context(), tt.id, tt.v)
		if got := fault.ReasonOf(err); got != tt.reason {
			t.Errorf("%s: %v, want %s", tt.id, err, tt.reason)
		}
	}
	if names, err := i.p.Logs.Unfinished(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("a refused visitor opened %v, %v", names, err)
	}
	if _, err := i.Find(t.Context(), theLesson); fault.ReasonOf(err) != fault.LessonNotOpen {
		t.Errorf("a lesson that nobody entered: %v", err)
	}
	i.enter(roomA)
	_, _, err := i.Open(t.Context(), theLesson, lesson.Visitor{ID: "psn_stranger"})
	if fault.ReasonOf(err) != fault.PermissionDenied {
		t.Errorf("a stranger in an open lesson: %v", err)
	}
}

func TestOpen_ManyAtOnceOpenTheLessonOnce(t *testing.T) {
	i := run(t, eventlog.NewMemory())
	defer i.stop()
	var work sync.WaitGroup
	for n := range 20 {
		work.Go(func() {
			if n%2 == 0 {
				_, _ = i.Find(context.Background(), theLesson) // finds it, or says that it is not open
				return
			}
			if _, _, err := i.Open(context.Background(), theLesson, visitorOf(roomA)); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if got := i.state().Ordinal; got != 1 {
		t.Errorf("%d events", got)
	}
}

func TestRegistry_RefusesBeforeAndAfterRun(t *testing.T) {
	r := NewRegistry(Params{Config: DefaultConfig(), Logs: eventlog.NewMemory()})
	if _, err := r.Find(t.Context(), theLesson); fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("before: %v", err)
	}
	i := run(t, eventlog.NewMemory())
	c := i.attend(roomA, "window-1", true, 0)
	s, _ := i.enter(roomA)
	i.stop()
	if err := c.ended(); fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("the stream ended with %v", err)
	}
	if _, err := i.Find(t.Context(), theLesson); fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("after: %v", err)
	}
	if _, err := s.Do(t.Context(), lesson.Command{Sender: roomA, Do: lesson.PostChat{Text: "?"}}); fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("a command after: %v", err)
	}
}
