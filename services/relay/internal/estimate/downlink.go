package estimate

import (
	"math"
	"time"
)

const (
	lossHigh  = 0.10 // above: the budget falls
	lossLow   = 0.02 // below: it rises
	fallBy    = 0.5  // per fall
	rise      = 1.08 // per second
	fallEvery = 400 * time.Millisecond
	// riseSpan bounds the time that one report may account for, so that silence does not add up to a leap.
	riseSpan = time.Second
	// queue is how far the round trip must be above the least one seen before a queue is believed.
	queue = 250 * time.Millisecond
)

// downlink estimates a connection whose receiver sends no transport-wide feedback: a rule of additive-increase,
// multiplicative-decrease kind over the loss fraction of receiver reports, and REMB where a receiver sends it and the
// round trip shows a queue.
type downlink struct {
	floor, ceiling float64
	budget         float64
	fell           time.Time
	reported       time.Time
	least          time.Duration // round trip; 0 before the first
	queued         bool
}

// newDownlink begins at Options.Start.
func newDownlink(o Options) *downlink {
	o = o.filled()
	d := &downlink{floor: float64(o.Floor), ceiling: float64(o.Ceiling)}
	d.set(float64(o.Start))
	return d
}

// Budget is how many bits per second may be sent now.
func (d *downlink) Budget() int { return int(d.budget) }

// Report takes the loss fraction (0..1) of a receiver report: above 10 % the budget falls to half of what was
// really sent (or of itself, if less), at most every 400 ms; below 2 % it rises by 8 % per second.
// sent is the bitrate sent lately; 0 when not known. Reports of a connection's streams may come in any order
// and as often as they like.
func (d *downlink) Report(now time.Time, loss float64, sent int) {
	since := min(max(now.Sub(d.reported), 0), riseSpan)
	if d.reported.IsZero() {
		since = 0
	}
	d.reported = now
	switch {
	case loss > lossHigh:
		d.decrease(now, sent)
	case loss < lossLow:
		d.set(d.budget * math.Pow(rise, since.Seconds()))
	}
}

// RoundTrip takes the newest round-trip time; 0 is none.
func (d *downlink) RoundTrip(rtt time.Duration) {
	if rtt <= 0 {
		return
	}
	if d.least == 0 || rtt < d.least {
		d.least = rtt
	}
	d.queued = rtt > d.least+queue
}

// REMB takes a receiver's own estimate. It limits the budget when it is below what is being sent, for a receiver that
// gets little cannot know how much more would fit, and only while a queue has built up: the estimate falls below what
// arrives whenever arrivals jitter, and a budget that followed it would end at the floor on a busy computer.
func (d *downlink) REMB(now time.Time, bitrate, sent int) {
	if !d.queued || bitrate <= 0 || bitrate >= sent || float64(bitrate) >= d.budget {
		return
	}
	d.fell = now
	d.set(float64(bitrate))
}

func (d *downlink) decrease(now time.Time, sent int) {
	if !d.fell.IsZero() && now.Sub(d.fell) < fallEvery {
		return
	}
	d.fell = now
	base := d.budget
	if sent > 0 {
		base = min(base, float64(sent))
	}
	d.set(base * fallBy)
}

func (d *downlink) set(budget float64) {
	d.budget = min(max(budget, d.floor), d.ceiling)
}
