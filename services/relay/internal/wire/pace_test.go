package wire

import (
	"testing"
	"testing/synctest"
	"time"
)

// work lets a reader read so often for a second, and each time receive and send so many datagrams.
func work(p *pace, out *Batch, every time.Duration, received, sent int) {
	for end := out.now.Add(time.Second); out.now.Before(end); out.now = out.now.Add(every) {
		out.datagrams += uint64(sent)
		p.worked(received, out)
	}
}

func TestPace_OnlyABusyReaderRests(t *testing.T) {
	for name, c := range map[string]struct {
		every          time.Duration
		received, sent int
		busy           bool
	}{
		"a lesson of two rooms":          {5 * time.Millisecond, 1, 2, false},
		"a lecture to a hundred viewers": {5 * time.Millisecond, 1, 100, true},
		"the feedback of many":           {time.Millisecond, 1, 0, true},
		"a flood":                        {time.Millisecond, 40, 0, false},
		"one burst in a silent second":   {400 * time.Millisecond, 5, 500, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, out := &pace{}, &Batch{now: time.Now()}
				work(p, out, c.every, c.received, c.sent)
				start := time.Now()
				p.rest()
				if rested := time.Since(start) > 0; rested != c.busy {
					t.Errorf("rested: %v", rested)
				}
			})
		})
	}
}
