// Package police limits what one participant may cost: a Bucket is a rate with a burst.
//
// Pure: times are handed in, nothing runs by itself and nothing is allocated. A Bucket belongs to one goroutine at a
// time.
package police

import "time"

// Bucket lets so many units pass per second in the long run, and some more at once. The zero Bucket lets nothing pass.
type Bucket struct {
	perSecond, atOnce float64
	left              float64
	last              time.Time
}

// NewBucket returns a full bucket. In any one second it lets at most perSecond+atOnce units pass.
func NewBucket(perSecond, atOnce int) Bucket {
	return Bucket{perSecond: float64(perSecond), atOnce: float64(atOnce), left: float64(atOnce)}
}

// Take reports whether n units may pass now, and takes them if so. Times that go backwards give nothing and take
// nothing.
func (b *Bucket) Take(now time.Time, n int) bool {
	b.fill(now)
	if b.left < float64(n) {
		return false
	}
	b.left -= float64(n)
	return true
}

// Empty reports whether not even one unit may pass now.
func (b *Bucket) Empty(now time.Time) bool {
	b.fill(now)
	return b.left < 1
}

func (b *Bucket) fill(now time.Time) {
	if !b.last.IsZero() {
		b.left = min(b.atOnce, b.left+max(0, now.Sub(b.last).Seconds())*b.perSecond)
	}
	if now.After(b.last) {
		b.last = now
	}
}
