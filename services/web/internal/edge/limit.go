package edge

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bound what outsiders can cost.
type Limits struct {
	// MaxBodyBytes bounds the body of a request.
	MaxBodyBytes int64
	// SignInPerSecond and SignInBurst bound sign-ins and pairings from one address; schools share addresses.
	SignInPerSecond float64
	SignInBurst     int
	// CallsPerSecond and CallsBurst bound the calls of one credential, or of one address where there is none.
	CallsPerSecond float64
	CallsBurst     int
}

// limiterSize bounds how many keys a limiter remembers.
const limiterSize = 50_000

// limiter is a token bucket for each key. A nil limiter lets everything pass.
type limiter struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

func newLimiter(perSecond float64, burst int) *limiter {
	return &limiter{rate: rate.Limit(perSecond), burst: burst, buckets: map[string]*rate.Limiter{}}
}

// take takes a token of key. When there is none it says how long to wait for one.
func (l *limiter) take(key string) (wait time.Duration, ok bool) {
	if l == nil {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.buckets[key]
	if bucket == nil {
		if len(l.buckets) >= limiterSize {
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
func (l *limiter) shrink() {
	for key, bucket := range l.buckets {
		if bucket.Tokens() >= float64(l.burst) {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= limiterSize {
		clear(l.buckets)
	}
}

// Origin says where a request comes from, behind proxies that are trusted to tell.
type Origin struct{ trusted []netip.Prefix }

// NewOrigin returns an Origin that believes the given proxies' X-Forwarded-For and X-Forwarded-Proto.
func NewOrigin(trusted []netip.Prefix) Origin { return Origin{trusted: trusted} }

// Address returns the address of the client: the last one that is no trusted proxy.
func (o Origin) Address(r *http.Request) string {
	peer := host(r.RemoteAddr)
	if !o.trusts(peer) {
		return peer
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if hop = strings.TrimSpace(hop); hop != "" && !o.trusts(hop) {
			return hop
		}
	}
	return peer
}

// Secure says whether the client is connected over TLS.
func (o Origin) Secure(r *http.Request) bool {
	return r.TLS != nil || o.trusts(host(r.RemoteAddr)) && r.Header.Get("X-Forwarded-Proto") == "https"
}

func (o Origin) trusts(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(o.trusted, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

func host(hostport string) string {
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		return h
	}
	return hostport
}
