package forward

import (
	"sync"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/allocate"
	"github.com/tongke-edu/tongke/services/relay/internal/estimate"
	"github.com/tongke-edu/tongke/services/relay/internal/twcc"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// probeInterval is how often a probe sends what is missing.
const probeInterval = 10 * time.Millisecond

// tightFor is how long a way counts as limited after it has shown that it does not carry everything.
const tightFor = 30 * time.Second

// link is what a connection's downlink carries. Whoever sends tells it, whoever reads feedback tells it, and the lesson
// asks it.
type link struct {
	mu     sync.Mutex
	sender *estimate.Sender
	wanted int       // bits per second
	floor  int       // likewise
	tight  time.Time // when the way showed last that it does not carry everything
	again  repairs
}

func newLink() link { return link{sender: estimate.NewSender(estimate.Options{})} }

// agree says whether there will be transport-wide feedback.
func (k *link) agree(feedback bool) {
	if feedback {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.sender.Agree()
	}
}

// Sent notes a packet of so many octets and returns the transport-wide number that it carries.
func (c *Connection) Sent(now time.Time, size int, kind estimate.Kind) uint16 {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	return c.link.sender.Sent(now, size, kind)
}

// SentAgain notes that the packet with a transport-wide number went out once more, with the same number.
func (c *Connection) SentAgain(now time.Time, size int, number uint16) {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	c.link.sender.SentAgain(now, size, number)
}

// Arrivals takes what the participant says about the packets that came to it.
func (c *Connection) Arrivals(now time.Time, report twcc.Report) {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	c.link.sender.Feedback(now, report)
}

// budget is what may be sent now, in bits per second.
func (k *link) budget() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sender.Budget()
}

// allowed is the budget, and whether it is more than an assumption. One at its floor cannot fall any further: there the
// way says nothing new, and is no wider for that.
func (k *link) allowed(now time.Time) allocate.Budget {
	k.mu.Lock()
	defer k.mu.Unlock()
	if why := k.sender.Reason(); why.To < why.From || why.Cause == estimate.ProbeFailed || k.sender.Budget() <= k.floor {
		k.tight = now
	}
	return allocate.Budget{Bitrate: k.sender.Budget(), Limited: now.Sub(k.tight) < tightFor}
}

// share says what came of sharing the budget: how much is sent, how much would be if it fitted, and how much has to be
// in any case. What the way loses by itself has to be sent twice.
func (k *link) share(budget allocate.Budget, o allocate.Outcome) {
	k.mu.Lock()
	defer k.mu.Unlock()
	loss, _ := k.sender.Loss()
	all, floor := int(float64(o.Want)*(1+loss)), o.Floor
	k.again.spare(budget.Bitrate, o.Used)
	k.wanted, k.floor = all, floor
	k.sender.Want(all)
	k.sender.Floor(floor)
}

// loss is the share of packets, 0 to 1, that feedback on all of them says is missing of the last second's; ok is false
// where it says nothing.
func (k *link) loss() (loss float64, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sender.Loss()
}

// repairable asks whether so many octets may be sent again.
func (k *link) repairable(now time.Time, octets int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.again.take(now, octets)
}

// reports takes a second of receiver reports; it counts where transport-wide feedback was not agreed.
func (k *link) reports(now time.Time, loss float64, sent int, roundTrip time.Duration, remb int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if loss >= 0 {
		k.sender.Report(now, loss, sent)
	}
	k.sender.RoundTrip(roundTrip)
	if remb > 0 {
		k.sender.REMB(now, remb, sent)
	}
}

// probing reports whether more should be sent than there is, and how many octets are missing now.
func (k *link) probing(now time.Time) (octets int, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.sender.Probe(now) {
		return 0, false
	}
	return k.sender.Padding(now), true
}

// probe sends what a probe of the downlink wants, until it ends. It is called with every tick.
func (l *Lesson) probe(c *Connection) {
	c.probing = false
	if c.state != connected {
		return
	}
	octets, ok := c.link.probing(time.Now())
	if !ok {
		return
	}
	if octets > 0 {
		out := l.forwarder.out.Batch()
		c.pad(octets, out)
		l.forwarder.out.Return(out)
	}
	c.probing = true
	time.AfterFunc(probeInterval, func() { l.post(func() { l.probe(c) }) })
}

// pad sends so many octets of nothing on the repair stream of a slot. It need not show anything: how else would a
// downlink on which all pictures are paused prove that it carries more?
func (c *Connection) pad(octets int, out *wire.Batch) {
	for _, s := range c.videoSlots {
		if s.pad(octets, out) {
			return
		}
	}
}
