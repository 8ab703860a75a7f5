package munge

import "time"

const (
	// leastStep keeps timestamps growing across a switch: a 50th of a second, one Opus frame.
	leastStep = 50
	// mostStep bounds a jump, so that after hours without a source the receiver still sees time go forwards.
	mostStep = 1 << 30
	// mostSkew is how far capture times may stray from arrival times before they are not believed.
	mostSkew = 2 * time.Second
)

// nextTimestamp is the outgoing timestamp of p, the first packet of a new source: the newest one sent plus the
// time that passed since on the capture clock, or where that is not known on the wall clock.
func (r *Rewriter) nextTimestamp(p *Packet) uint32 {
	if !r.started {
		return r.newest.timestamp
	}
	clock := int64(r.clock)
	ticks := int64(elapsed(r.newest, p)/time.Microsecond) * clock / int64(time.Second/time.Microsecond)
	return r.newest.timestamp + uint32(min(max(ticks, clock/leastStep), mostStep))
}

// elapsed is the time between the newest packet sent and p.
func elapsed(last edge, p *Packet) time.Duration {
	wall := p.Arrival.Sub(last.arrival)
	if last.captured.IsZero() || p.Captured.IsZero() {
		return wall
	}
	captured := p.Captured.Sub(last.captured)
	if (captured - wall).Abs() > mostSkew {
		return wall
	}
	return captured
}
