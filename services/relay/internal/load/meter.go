package load

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// Interval is how often a Meter looks.
const Interval = time.Second

// Meter looks at this process.
type Meter struct {
	judge   *Judge
	samples []metrics.Sample
	spent   time.Duration // processor time at the last look
	looked  time.Time
	last    atomic.Pointer[Usage]
}

// What the Go runtime has from the system, less what it has given back or could use again at once.
const (
	total    = "/memory/classes/total:bytes"
	released = "/memory/classes/heap/released:bytes"
	free     = "/memory/classes/heap/free:bytes"
)

// NewMeter begins to measure.
func NewMeter(b Budget) *Meter {
	m := &Meter{
		judge:   NewJudge(b),
		samples: []metrics.Sample{{Name: total}, {Name: released}, {Name: free}},
		spent:   processorTime(),
		looked:  time.Now(),
	}
	m.last.Store(&Usage{})
	return m
}

// Run tells what follows from each second until done is closed.
func (m *Meter) Run(done <-chan struct{}, tell func(State)) {
	tick := time.NewTicker(Interval)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case now := <-tick.C:
			u := m.look(now)
			m.last.Store(&u)
			tell(m.judge.Look(u))
		}
	}
}

// Usage is that of the last second; zero before its end.
func (m *Meter) Usage() Usage { return *m.last.Load() }

// look measures what was used since the last look.
func (m *Meter) look(now time.Time) Usage {
	spent := processorTime()
	cores := float64(runtime.GOMAXPROCS(0)) // knows the limits of a container
	u := Usage{Memory: m.memory()}
	if span := now.Sub(m.looked); span > 0 {
		u.CPU = (spent - m.spent).Seconds() / span.Seconds() / cores
	}
	m.spent, m.looked = spent, now
	return u
}

func (m *Meter) memory() uint64 {
	metrics.Read(m.samples)
	return m.samples[0].Value.Uint64() - m.samples[1].Value.Uint64() - m.samples[2].Value.Uint64()
}
