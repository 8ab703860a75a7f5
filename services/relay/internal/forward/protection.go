package forward

import (
	"sync"
	"sync/atomic"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/red"
)

const (
	// lossy is the share of packets beyond which a participant gets sound with repeated frames, and calm the share below
	// which it has to stay for calmTime until it gets them no more.
	lossy    = 0.05
	calm     = 0.02
	calmTime = 10 * time.Second
	// lossSmoothing is how long a change of the loss takes to be believed: a few packets of a thin stream say little.
	lossSmoothing = time.Second
)

// protection decides whether the sound of one connection needs repeats, in one direction. The zero value is a good network. Those who
// send ask it without a lock.
type protection struct {
	on atomic.Bool

	mu    sync.Mutex
	loss  float64   // smoothed
	heard time.Time // the last observation
	since time.Time // since when the loss is below calm; zero while it is not
}

// needed is what the packet path asks.
func (p *protection) needed() bool { return p != nil && p.on.Load() }

// copies is how often each frame of sound is sent.
func (p *protection) copies() int {
	if p.needed() {
		return 1 + red.Distance
	}
	return 1
}

// observe takes the share of packets, 0 to 1, that were lost of late.
func (p *protection) observe(loss float64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	passed := lossSmoothing // at first: half of it counts
	if !p.heard.IsZero() {
		passed = min(max(0, now.Sub(p.heard)), 10*lossSmoothing)
	}
	p.heard = now
	p.loss += (loss - p.loss) * float64(passed) / float64(passed+lossSmoothing)
	switch {
	case p.loss >= calm:
		p.since = time.Time{}
	case p.since.IsZero():
		p.since = now
	}
	switch {
	case p.loss > lossy:
		p.on.Store(true)
	case !p.since.IsZero() && now.Sub(p.since) >= calmTime:
		p.on.Store(false)
	}
}

// sendsThrough takes the share of packets, 0 to 1, that the way from the participant has lost in the last second, repaired
// or not, and asks the participant to repeat its sound or to stop that. The participant could not tell: the reports that
// it gets count what was sent again as received.
func (c *Connection) sendsThrough(loss float64, now time.Time) {
	before := c.uplink.needed()
	if c.uplink.observe(loss, now); c.uplink.needed() != before {
		c.askToRepeat()
	}
}

func (c *Connection) askToRepeat() {
	c.send(&relayv1.ServerMessage{Kind: &relayv1.ServerMessage_RepeatSound{
		RepeatSound: &relayv1.RepeatSound{On: c.uplink.needed()},
	}})
}

// protect looks at what feedback on all packets of a connection says. Where that was not agreed, receiver reports tell
// of the loss of sound (Connection.reported).
func (l *Lesson) protect(now time.Time) {
	for _, c := range l.connections {
		if loss, ok := c.link.loss(); ok && c.state == connected {
			c.protection.observe(loss, now)
		}
	}
}
