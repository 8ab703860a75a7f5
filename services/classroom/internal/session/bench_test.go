package session

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// BenchmarkCommand is one command from the call to its durable acknowledgement.
func BenchmarkCommand(b *testing.B) {
	b.Run("memory", func(b *testing.B) { benchmarkCommand(b, eventlog.NewMemory()) })
	b.Run("jetstream", func(b *testing.B) {
		server, logs := jetStream(b, b.TempDir())
		defer server.Close()
		benchmarkCommand(b, logs)
	})
}

func benchmarkCommand(b *testing.B, logs eventlog.Log) {
	i := run(b, logs)
	defer i.stop()
	defer i.joined(teacher)[teacher].cancel()
	for b.Loop() {
		i.flicker(1)
	}
}

// countSink counts events.
type countSink struct{ events *atomic.Int64 }

func (c countSink) Snapshot(*lesson.State) error      { return nil }
func (c countSink) Event(lesson.Event) error          { c.events.Add(1); return nil }
func (c countSink) Heartbeat(time.Time, uint64) error { return nil }

// BenchmarkFanOut is one command until 50 streams have its event.
func BenchmarkFanOut(b *testing.B) {
	const streams = 50
	i := run(b, eventlog.NewMemory())
	defer i.stop()
	defer i.joined(teacher)[teacher].cancel()
	s, _ := i.enter(teacher)
	var events atomic.Int64
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for n := range streams {
		v := visitorOf(fmt.Sprintf("psn_%d", n))
		_, m, err := i.Open(ctx, theLesson, v)
		if err != nil {
			b.Fatal(err)
		}
		a := Attendance{Member: m, Window: "window-1", TakeOver: true}
		go func() { _ = i.Attend(ctx, s, a, countSink{&events}) }()
	}
	// Each stream also gets the joins behind its own.
	testkit.Eventually(b, func() bool { return events.Load() == streams*(streams-1)/2 }, "all have joined")
	for b.Loop() {
		before := events.Load()
		i.flicker(1)
		for events.Load() < before+streams {
			runtime.Gosched()
		}
	}
}
