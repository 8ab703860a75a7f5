package peer

import (
	"slices"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/stun"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

const (
	// maxPaths bounds the ways of one peer: the pairs of its candidates with ours.
	maxPaths = 16
	// pathLife is how long a way belongs to a peer that was heard on it. Nobody else gets it before, or a participant
	// who forges the address of a check could cut another off. Browsers check a way that they keep in reserve every 25 s.
	pathLife = 30 * time.Second
	// checkRest is how long after a valid check a client can do without an answer to the next: browsers ask for consent
	// every 2.5 s, and it lasts for 30 s (RFC 7675 section 5.1).
	checkRest = 2 * time.Second
)

// route is a way that belongs to a peer.
type route struct {
	wire.Path
	checked time.Time // by a valid check
}

// check answers a connectivity check (RFC 8445 section 7.3). Only who knows the password of a peer is answered, and
// becomes reachable on the way that the check came.
func (h *Hub) check(d *wire.Datagram, now time.Time) {
	c, err := stun.Parse(d.Data)
	if err != nil || c.Indication() {
		return
	}
	h.mu.RLock()
	p := h.byUfrag[c.Local()]
	owner := h.byPath[d.From]
	h.mu.RUnlock()
	if p == nil || !c.Names(p.credentials.Ufrag, p.shape.Ufrag) || !p.proves(&c, owner == p, now) {
		return
	}
	if c.Accepted() {
		if !h.bind(p, d.From, now) {
			return
		}
		h.ports.Confirm(d.From)
		p.reached(d.From, c.Nominates(), now)
	}
	// A reply that cannot be sent is lost like any other; the next check comes soon.
	_ = h.ports.Send(d.From, c.Reply(d.From.Remote(), p.credentials.Password))
}

// checks polices connectivity checks, which come from many goroutines.
//
// Somebody on the network of a participant may know all of a check but the password, and send forgeries under the
// participant's own address. A bound alone would let them take the place of the genuine ones. So they are bounded only
// for a while after a valid check, when the client can do without the next answer; then every check on its ways is
// looked at until one is valid.
type checks struct {
	sync.Mutex
	gate
	valid time.Time // the last one
}

func (c *checks) admits(now time.Time, own bool) bool {
	return c.gate.admits(now, own && now.Sub(c.valid) >= checkRest)
}

func (c *checks) looked(now time.Time, genuine bool) {
	if genuine {
		c.valid = now
	}
	c.gate.looked(now, genuine)
}

// proves reports whether a check was made with the peer's password; own tells that it came on a way of the peer.
func (p *Peer) proves(c *stun.Check, own bool, now time.Time) bool {
	p.checks.Lock()
	defer p.checks.Unlock()
	genuine := p.checks.admits(now, own) && c.Verify(p.credentials.Password) == nil
	p.checks.looked(now, genuine)
	if !genuine {
		p.connection.Refused(1)
	}
	return genuine
}

// bind makes a way the peer's, or notes that it is. It reports false when the way belongs to another that was heard on
// it, or the peer is gone.
func (h *Hub) bind(p *Peer, path wire.Path, now time.Time) bool {
	bound, evicted := h.bindLocked(p, path, now)
	h.ports.Disconnect(evicted)
	return bound
}

// bindLocked also returns the way that had to make room; the zero Path for none.
func (h *Hub) bindLocked(p *Peer, path wire.Path, now time.Time) (bound bool, evicted wire.Path) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byUfrag[p.credentials.Ufrag] != p {
		return false, evicted
	}
	switch other := h.byPath[path]; {
	case other == p:
		p.paths[p.route(path)].checked = now
		return true, evicted
	case other != nil && other.holds(path, now):
		return false, evicted
	case other != nil:
		other.forget(path)
	}
	if len(p.paths) == maxPaths {
		current := p.way()
		i := slices.IndexFunc(p.paths, func(r route) bool { return r.Path != current })
		evicted = p.paths[i].Path
		delete(h.byPath, evicted)
		p.paths = slices.Delete(p.paths, i, i+1)
	}
	h.byPath[path] = p
	p.paths = append(p.paths, route{path, now})
	return true, evicted
}

// route finds a way among the peer's. The caller holds hub.mu.
func (p *Peer) route(path wire.Path) int {
	return slices.IndexFunc(p.paths, func(r route) bool { return r.Path == path })
}

// holds reports whether a way of the peer's is in use: checked, or that of its media. The caller holds hub.mu.
func (p *Peer) holds(path wire.Path, now time.Time) bool {
	return now.Sub(p.paths[p.route(path)].checked) < pathLife || p.way() == path && now.Sub(p.heardAt()) < pathLife
}

// forget takes a way from the peer. The caller holds hub.mu.
func (p *Peer) forget(path wire.Path) {
	p.paths = slices.DeleteFunc(p.paths, func(r route) bool { return r.Path == path })
}

// reached notes a valid check. The first way serves for the handshake. Any other that the client nominates is taken
// when something genuine comes over it (proven): the address of a check can be forged, and media must not be aimed at
// somebody who never asked for it.
func (p *Peer) reached(path wire.Path, nominated bool, now time.Time) {
	p.heard.Store(now.UnixNano())
	if !p.shape.HasData() {
		p.connection.Checked(now)
	}
	switch current := p.path.Load(); {
	case current == nil || p.session.Load() == nil && nominated && *current != path:
		p.path.Store(&path)
		p.reachable.Do(func() { close(p.found) })
	case nominated && *current != path:
		p.nominated.Store(&path)
	}
}

// proven notes a genuine packet. Its way is the one that is answered on from now on, if the client has nominated it.
func (p *Peer) proven(path wire.Path) {
	if next := p.nominated.Load(); next != nil && *next == path && p.nominated.CompareAndSwap(next, nil) {
		p.path.Store(next)
	}
}

// lost forgets a way that is closed. Nothing is sent until the client has nominated and used another.
func (p *Peer) lost(path wire.Path) {
	p.forget(path)
	if current := p.path.Load(); current != nil && *current == path {
		p.path.CompareAndSwap(current, &wire.Path{})
	}
}

// heardAt is when the peer showed life the last time, by a check or an authentic packet.
func (p *Peer) heardAt() time.Time { return time.Unix(0, p.heard.Load()) }

// way is where packets go now; the zero Path, to which nothing can be sent, before there is one.
func (p *Peer) way() wire.Path {
	if path := p.path.Load(); path != nil {
		return *path
	}
	return wire.Path{}
}
