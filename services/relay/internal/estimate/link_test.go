package estimate

import (
	"math/rand/v2"
	"sort"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/twcc"
)

// condition is what a simulated link does for a time.
type condition struct {
	rate    float64       // bits per second; 0 is no bound
	buffer  int           // octets that wait before it; 0 is 256 KiB
	loss    float64       // of single packets
	burst   float64       // chance of a burst of eight lost packets, per packet
	delay   time.Duration // one way
	jitter  time.Duration // added evenly, order kept
	back    float64       // loss of feedback
	every   time.Duration // between feedback, when longer than 50 ms
	cross   float64       // bits per second of others on the same link that do not give way
	greedy  bool          // another sender takes what it can get, and gives way to loss alone
	down    bool
	content float64   // the application sends no more than this; 0 is no bound
	layers  []float64 // the application sends one of these; empty is whatever fits
}

// waiting is a packet before the bottleneck.
type waiting struct {
	seq   uint16
	size  int
	at    time.Time
	mine  bool
	audio bool
}

// flight is something on its way.
type flight struct {
	at       time.Time
	seq      uint16
	size     int
	sent     time.Time
	feedback []byte
}

// network is a sender, a bottleneck, a receiver with a drifting clock, and the way back. Time is handed on in steps
// of one millisecond.
type network struct {
	condition
	rng      *rand.Rand
	now      time.Time
	sender   *Sender
	recorder twcc.Recorder
	drift    float64 // of the receiver's clock

	before  []waiting
	octets  int
	free    time.Time // when the bottleneck is free
	last    time.Time // arrival, so that the order is kept
	bursts  int
	flying  []flight
	return_ []flight

	budget       int // as the application knows it: 50 ms old
	audio, frame time.Time
	owed, rival  float64
	repairs      int
	answered     time.Time // by feedback
	gave         time.Time // way, the greedy sender
	chosen       float64

	// What came of it, since the last reset.
	arrived, sent, lost  int
	audioSent, audioLost int
	waits                []time.Duration
	causes               map[Cause]int
	reason               Reason
	offered, acked       meter
	switches             int
}

func newNetwork(c condition, o Options) *network {
	o.Feedback = true
	return &network{
		condition: c, rng: rand.New(rand.NewPCG(7, 7)), now: epoch, sender: NewSender(o), drift: 100e-6,
		audio: epoch, frame: epoch, free: epoch, last: epoch, causes: map[Cause]int{},
	}
}

func (n *network) reset() {
	n.arrived, n.sent, n.lost, n.audioSent, n.audioLost, n.switches = 0, 0, 0, 0, 0, 0
	n.waits, n.causes = nil, map[Cause]int{}
}

// run lets time pass, and calls each every 50 ms.
func (n *network) run(d time.Duration, each func()) {
	for end := n.now.Add(d); n.now.Before(end); {
		n.now = n.now.Add(time.Millisecond)
		n.application()
		n.bottleneck()
		n.receiver()
		n.feedback()
		if n.now.UnixMilli()%50 == 0 {
			n.budget = n.sender.Budget()
			if each != nil {
				each()
			}
		}
	}
}

// application sends audio every 20 ms and a frame 30 times a second that fills the budget, or its content.
func (n *network) application() {
	if !n.now.Before(n.audio) {
		n.audio = n.audio.Add(20 * time.Millisecond)
		n.send(100, Media, true)
	}
	if n.budget > 0 && !n.now.Before(n.frame) {
		n.frame = n.frame.Add(time.Second / 30)
		rate := float64(n.budget) - 40_000
		if n.content > 0 {
			rate = min(rate, n.content)
		}
		if len(n.layers) > 0 {
			rate = n.layer(rate)
		}
		n.owed += max(rate, 0) / 30 / 8 * (0.7 + 0.6*n.rng.Float64())
		for ; n.owed >= 100; n.owed -= min(n.owed, 1200) {
			n.send(int(min(n.owed, 1200)), Media, false)
		}
	}
	for ; n.repairs > 0; n.repairs-- {
		n.send(1000, Repair, false)
	}
	if n.greedy {
		n.cross += 250 // half a megabit per second more within two seconds
	}
	n.rival += n.cross / 8000
	for ; n.rival >= 1200; n.rival -= 1200 {
		n.enqueue(waiting{size: 1200, at: n.now})
	}
	if n.now.UnixMilli()%5 != 0 {
		return
	}
	if ok := n.sender.Probe(n.now); ok {
		for missing := n.sender.Padding(n.now); missing >= 200; missing -= 1200 {
			n.send(min(missing, 1200), Padding, false)
		}
	}
	if r := n.sender.Reason(); r.At != n.reason.At || r.Cause != n.reason.Cause {
		n.reason = r
		n.causes[r.Cause]++
	}
}

// layer is the highest that fits.
func (n *network) layer(rate float64) (chosen float64) {
	for _, layer := range n.layers {
		if chosen == 0 || layer <= rate {
			chosen = layer
		}
	}
	if chosen != n.chosen {
		n.chosen = chosen
		n.switches++
		n.owed += 5 * chosen / 30 / 8 // a keyframe
	}
	return chosen
}

func (n *network) send(size int, kind Kind, audio bool) {
	n.sent++
	n.offered.add(n.now.Sub(epoch).Microseconds(), size)
	if audio {
		n.audioSent++
	}
	n.enqueue(waiting{n.sender.Sent(n.now, size, kind), size, n.now, true, audio})
}

func (n *network) enqueue(w waiting) {
	buffer := n.buffer
	if buffer == 0 {
		buffer = 256 << 10
	}
	if n.down || n.rate > 0 && n.octets+w.size > buffer {
		n.drop(w)
		return
	}
	if n.octets == 0 && n.free.Before(n.now) {
		n.free = n.now
	}
	n.octets += w.size
	n.before = append(n.before, w)
}

func (n *network) drop(w waiting) {
	if !w.mine {
		if n.greedy && n.now.Sub(n.gave) > 200*time.Millisecond {
			n.cross, n.gave = n.cross*0.7, n.now
		}
		return
	}
	n.lost++
	if w.audio {
		n.audioLost++
	} else if n.rng.Float64() < 0.5 {
		n.repairs++ // some of it is asked for again
	}
}

func (n *network) bottleneck() {
	for len(n.before) > 0 && !n.free.After(n.now) {
		w := n.before[0]
		n.before = n.before[1:]
		n.octets -= w.size
		if n.rate > 0 {
			n.free = n.free.Add(time.Duration(float64(w.size) * 8e9 / n.rate))
		} else {
			n.free = n.now
		}
		if !w.mine {
			continue
		}
		n.waits = append(n.waits, n.free.Sub(w.at))
		if n.bursts == 0 && n.rng.Float64() < n.burst {
			n.bursts = 8
		}
		if n.bursts > 0 || n.rng.Float64() < n.loss {
			n.bursts = max(n.bursts-1, 0)
			n.drop(w)
			continue
		}
		at := n.free.Add(n.delay + time.Duration(n.rng.Float64()*float64(n.jitter)))
		if at.Before(n.last) {
			at = n.last
		}
		n.last = at
		n.flying = append(n.flying, flight{at: at, seq: w.seq, size: w.size, sent: w.at})
	}
}

func (n *network) receiver() {
	theirs := func(at time.Time) time.Time {
		return at.Add(time.Duration(float64(at.Sub(epoch)) * n.drift)).Add(77 * time.Hour)
	}
	for len(n.flying) > 0 && !n.flying[0].at.After(n.now) {
		f := n.flying[0]
		n.flying = n.flying[1:]
		n.arrived += f.size
		n.acked.add(n.now.Sub(epoch).Microseconds(), f.size)
		n.recorder.Add(f.seq, theirs(f.at))
	}
	if n.recorder.Due(theirs(n.now)) && n.now.Sub(n.answered) >= n.every {
		n.answered = n.now
		raw := n.recorder.Feedback(theirs(n.now), 1, 2, nil)
		if !n.down && n.rng.Float64() >= n.back {
			n.return_ = append(n.return_, flight{at: n.now.Add(n.delay), feedback: raw})
		}
	}
}

func (n *network) feedback() {
	for len(n.return_) > 0 && !n.return_[0].at.After(n.now) {
		report, err := twcc.Parse(n.return_[0].feedback)
		if err != nil {
			panic(err)
		}
		n.return_ = n.return_[1:]
		n.sender.Feedback(n.now, report)
	}
}

// goodput is what arrived per second over the last second.
func (n *network) goodput() float64 { return n.acked.rate(n.now.Sub(epoch).Microseconds(), 20) }

// offering is what was sent per second over the last half second.
func (n *network) offering() float64 { return n.offered.rate(n.now.Sub(epoch).Microseconds(), 10) }

// wait is the time before the bottleneck that so many of a hundred packets did not exceed.
func (n *network) wait(percent int) time.Duration {
	if len(n.waits) == 0 {
		return 0
	}
	sorted := append([]time.Duration(nil), n.waits...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i] < sorted[j] })
	return sorted[(len(sorted)-1)*percent/100]
}
