// Package ratelimit bounds how often somebody may do something. It owns no goroutine.
package ratelimit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds how many keys a Limiter remembers.
const maxKeys = 50_000

// Limiter is a token bucket for each key. A nil Limiter lets everything pass.
type Limiter struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// New returns a limiter that gives so many tokens a second, and burst at once.
func New(perSecond float64, burst int) *Limiter {
	return &Limiter{rate: rate.Limit(perSecond), burst: burst, buckets: map[string]*rate.Limiter{}}
}

// Take takes a token of key. When there is none it says how long to wait for one.
func (l *Limiter) Take(key string) (wait time.Duration, ok bool) {
	if l == nil {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.buckets[key]
	if bucket == nil {
		if len(l.buckets) >= maxKeys {
			l.shrink()
		}
		bucket = rate.NewLimiter(l.rate, l.burst)
		l.buckets[key] = bucket
	}
	reservation := bucket.Reserve()
	if wait = reservation.Delay(); wait == 0 {
		return 0, true
	}
	reservation.Cancel()
	return wait, false
}

// shrink drops buckets that are full again, which is the same as never having seen their keys, and all of them when
// none is: whoever floods with keys gains one burst. The caller holds mu.
func (l *Limiter) shrink() {
	for key, bucket := range l.buckets {
		if bucket.Tokens() >= float64(l.burst) {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= maxKeys {
		clear(l.buckets)
	}
}
