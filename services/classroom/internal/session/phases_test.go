package session

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/classroom/internal/codec"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// story stores a lesson of n lines of chat that ended, without a session.
func story(t testing.TB, logs eventlog.Log, id string, lines int) {
	t.Helper()
	kinds := []lesson.Kind{lesson.LessonOpened{Plan: planAt(id, time.Now().Add(-time.Hour)).Plan}, lesson.LessonStarted{}}
	for range lines {
		kinds = append(kinds, lesson.ChatPosted{Text: "好"})
	}
	kinds = append(kinds, lesson.LessonEnded{Reason: lesson.EndedByHand})
	var position eventlog.Position
	for n, kind := range kinds {
		entry := lesson.Entry{Events: []lesson.Event{{Ordinal: uint64(n + 1), At: time.Now(), Actor: teacher, Kind: kind}}}
		data, err := codec.EncodeEntry(entry)
		if err != nil {
			t.Fatal(err)
		}
		position, err = logs.Append(context.Background(), id, position, eventlog.Entry{Epoch: 1, Data: data, Final: entry.Final()})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// counted counts how logs are read.
type counted struct {
	eventlog.Log
	reads, lasts atomic.Int64
}

func (c *counted) Read(ctx context.Context, log string, after eventlog.Position) ([]eventlog.Entry, error) {
	c.reads.Add(1)
	return c.Log.Read(ctx, log, after)
}

func (c *counted) Last(ctx context.Context, log string) (eventlog.Entry, error) {
	c.lasts.Add(1)
	return c.Log.Last(ctx, log)
}

func TestPhases_OfManyLessonsCostOneLookEachAndAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := &counted{Log: eventlog.NewMemory()}
		ids := lessonIDs(200)
		for _, id := range ids[:150] {
			story(t, logs, id, 3)
		}
		open := codecEntry(t, lesson.LessonOpened{Plan: planAt(ids[150], time.Now()).Plan})
		if _, err := logs.Append(t.Context(), ids[150], 0, open); err != nil { // it waits at another instance
			t.Fatal(err)
		}
		r := NewRegistry(Params{Config: DefaultConfig(), Logs: logs})
		ask := func(reads, lasts int64) {
			t.Helper()
			got, err := r.Phases(t.Context(), ids)
			if err != nil || len(got) != 151 || got[ids[149]] != lesson.PhaseEnded || got[ids[150]] != lesson.PhaseWaiting {
				t.Fatalf("%d phases, %v", len(got), err)
			}
			if logs.reads.Load() != reads || logs.lasts.Load() != lasts {
				t.Errorf("%d logs were read, %d looked at; want %d and %d", logs.reads.Load(), logs.lasts.Load(), reads, lasts)
			}
		}
		ask(1, 200)
		ask(1, 200)
		later(phaseFresh)
		ask(2, 250) // what has ended is never looked at again
	})
}

func TestPhases_FailWhenStorageIsAway(t *testing.T) {
	logs := &faulty{Log: eventlog.NewMemory()}
	logs.away.Store(true)
	_, err := NewRegistry(Params{Config: DefaultConfig(), Logs: logs}).Phases(t.Context(), lessonIDs(20))
	if fault.ReasonOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

func codecEntry(t testing.TB, kind lesson.Kind) eventlog.Entry {
	t.Helper()
	data, err := codec.EncodeEntry(lesson.Entry{Events: []lesson.Event{{Ordinal: 1, At: time.Now(), Kind: kind}}})
	if err != nil {
		t.Fatal(err)
	}
	return eventlog.Entry{Epoch: 1, Data: data}
}

func lessonIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("lsn_listed_%d", i)
	}
	return ids
}

// BenchmarkPhases asks for the phases of 200 lessons of which nothing is known yet.
func BenchmarkPhases(b *testing.B) {
	server, logs := jetStream(b, b.TempDir())
	defer server.Close()
	r := NewRegistry(Params{Config: DefaultConfig(), Logs: logs})
	ids := lessonIDs(200)
	ask := func(b *testing.B, want int) {
		for b.Loop() {
			r.phases = newPhases()
			if got, err := r.Phases(b.Context(), ids); err != nil || len(got) != want {
				b.Fatalf("%d phases, %v", len(got), err)
			}
		}
	}
	b.Run("not-entered", func(b *testing.B) { ask(b, 0) })
	for _, id := range ids {
		story(b, logs, id, 100)
	}
	b.Run("ended", func(b *testing.B) { ask(b, 200) })
}
