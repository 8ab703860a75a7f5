package edge

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
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
