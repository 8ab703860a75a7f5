package eventlog

import (
	"fmt"
	"sync/atomic"
	"testing"
)

var payload = make([]byte, 200)

func BenchmarkAppend(b *testing.B) {
	for name, l := range map[string]Log{
		"memory": NewMemory(),
		"store":  openStore(b, startEmbedded(b, b.TempDir())),
	} {
		b.Run(name+"/one-writer", func(b *testing.B) {
			var last Position
			for b.Loop() {
				last = mustAppend(b, l, "one", last, Entry{Data: payload})
			}
		})
		b.Run(name+"/64-writers", func(b *testing.B) {
			var writer atomic.Int64
			b.SetParallelism(32) // times GOMAXPROCS
			b.RunParallel(func(pb *testing.PB) {
				log := fmt.Sprintf("many-%d-%d", b.N, writer.Add(1))
				var last Position
				for pb.Next() {
					last = mustAppend(b, l, log, last, Entry{Data: payload})
				}
			})
		})
	}
}

func BenchmarkRead100(b *testing.B) {
	s := openStore(b, startEmbedded(b, b.TempDir()))
	// Neighbours in the same streams, as in a school with many lessons.
	for i := range 100 {
		var last Position
		for range 100 {
			last = mustAppend(b, s, fmt.Sprintf("log-%d", i), last, Entry{Data: payload})
		}
	}
	for b.Loop() {
		if got := read(b, s, "log-50", 0); len(got) != 100 {
			b.Fatalf("read %d entries", len(got))
		}
	}
}
