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
	// who forges the address of a check could cut another off.
	pathLife = 10 * time.Second
)

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
		if owner != p && !h.bind(p, d.From, now) {
			return
		}
		h.ports.Confirm(d.From)
		p.reached(d.From, c.Nominates(), now)
	}
	// A reply that cannot be sent is lost like any other; the next check comes soon.
	_ = h.ports.Send(d.From, c.Reply(d.From.Remote(), p.credentials.Password))
}

// checks polices connectivity checks, which come from many goroutines.
type checks struct {
	sync.Mutex
	gate
}

// proves reports whether a check was made with the peer's password; own tells that it came on a way of the peer.
func (p *Peer) proves(c *stun.Check, own bool, now time.Time) bool {
	p.checks.Lock()
	defer p.checks.Unlock()
	genuine := p.checks.admits(now, own) && c.Verify(p.credentials.Password) == nil
	if genuine {
		p.checks.looked(now, true)
	} else {
		p.checks.looked(now, false)
		p.connection.Refused(1)
	}
	return genuine
}

// bind makes a way the peer's. It reports false when the way belongs to another that is alive, or the peer is gone.
func (h *Hub) bind(p *Peer, path wire.Path, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byUfrag[p.credentials.Ufrag] != p {
		return false
	}
	if other := h.byPath[path]; other != nil && other != p {
		if now.Sub(other.heardAt()) < pathLife {
			return false
		}
		other.paths = slices.DeleteFunc(other.paths, func(o wire.Path) bool { return o == path })
	}
	if len(p.paths) == maxPaths {
		delete(h.byPath, p.paths[0])
		p.paths = slices.Delete(p.paths, 0, 1)
	}
	h.byPath[path] = p
	p.paths = append(p.paths, path)
	return true
}

// reached notes a valid check. The way that the client nominates is the one that is answered on, and until it has
// nominated one, the first.
func (p *Peer) reached(path wire.Path, nominated bool, now time.Time) {
	p.heard.Store(now.UnixNano())
	if !p.shape.HasData() {
		p.connection.Checked(now)
	}
	if current := p.path.Load(); current == nil || nominated && *current != path {
		p.path.Store(&path)
		p.reachable.Do(func() { close(p.found) })
	}
}

// lost forgets a way that is closed. Without a nominated way nothing is sent until the client checks again.
func (p *Peer) lost(path wire.Path) {
	p.paths = slices.DeleteFunc(p.paths, func(o wire.Path) bool { return o == path })
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
