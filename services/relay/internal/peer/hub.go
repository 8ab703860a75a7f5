// Package peer is the WebRTC stack of the relay: it answers a checked offer and carries the media, feedback and data
// channels of the connection that follows.
//
// It is put together from parts for the one shape of offer that client and relay agreed on: the answer is ours
// (package answer), ICE-lite needs no agent (package stun), the DTLS handshake is Pion's, keys are taken out of it, and
// media is opened and sealed by package srtp in the memory of the sockets (package wire). A PeerConnection would cost
// five times the goroutines and four times the work for each packet.
//
// A packet runs to completion on the goroutine that read it: Hub.Receive finds its Peer, opens it, takes it into its
// layer, and when all packets of one read are in, package forward seals them for those who watch, with helpers where
// these are hundreds. DTLS records and the data channels in them go the same way (packages record and sctp). A Peer has
// a goroutine for its handshake, and none afterwards.
package peer

import (
	"fmt"
	"net/netip"
	"sync"

	"github.com/pion/logging"
	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/services/relay/internal/answer"
	"github.com/tongke-edu/tongke/services/relay/internal/channel"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
	"github.com/tongke-edu/tongke/services/relay/internal/stun"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// Params of a Hub.
type Params struct {
	Ports *wire.Ports
	Log   *zap.Logger
}

// Hub holds the peers and hands them what the sockets read: it is the wire.Handler. It owns no goroutine.
type Hub struct {
	ports       *wire.Ports
	log         *zap.Logger
	logs        logging.LoggerFactory
	certificate certificate
	bursts      sync.Pool // of *forward.Burst

	mu      sync.RWMutex
	byUfrag map[string]*Peer
	byPath  map[wire.Path]*Peer
}

// New prepares what all peers share.
func New(p Params) (*Hub, error) {
	own, err := newCertificate()
	if err != nil {
		return nil, fmt.Errorf("make DTLS certificate: %w", err)
	}
	return &Hub{
		ports:       p.Ports,
		log:         p.Log,
		logs:        pionLog{p.Log},
		certificate: own,
		bursts:      sync.Pool{New: func() any { return &forward.Burst{} }},
		byUfrag:     map[string]*Peer{},
		byPath:      map[wire.Path]*Peer{},
	}, nil
}

// Answer makes the media connection of an offer and the answer to it. Events of it go to c from now on, also before
// Answer returns.
func (h *Hub) Answer(shape *offer.Shape, c *forward.Connection) (*Peer, string) {
	credentials := stun.NewCredentials()
	text, agreed := answer.Write(answer.Params{
		Shape:       shape,
		Ufrag:       credentials.Ufrag,
		Password:    credentials.Password,
		Fingerprint: h.certificate.fingerprint,
		Addresses:   h.addresses(),
		TCPOnly:     !h.ports.UDP(),
		MaxMessage:  channel.MaxMessage,
	})
	p := newPeer(h, shape, agreed, credentials, c)
	h.mu.Lock()
	h.byUfrag[credentials.Ufrag] = p
	h.mu.Unlock()
	p.shaking.Go(func() { p.run(p.talk.pipe) })
	return p, text
}

// addresses are where clients reach the relay.
func (h *Hub) addresses() []netip.AddrPort {
	if out := h.ports.Advertised(); len(out) > 0 {
		return out
	}
	var out []netip.AddrPort
	for _, addr := range h.ports.Addresses() {
		out = append(out, netip.AddrPortFrom(addr, h.ports.Port()))
	}
	return out
}

// Receive takes what one read of a socket has brought. What belongs to nobody is dropped without a word.
func (h *Hub) Receive(in []wire.Datagram, out *wire.Batch) {
	burst := h.bursts.Get().(*forward.Burst)
	now := out.Now()
	var p *Peer
	var from wire.Path // whose peer p is
	for i := range in {
		d := &in[i]
		if stun.IsSTUN(d.Data) {
			h.check(d, now)
			from = wire.Path{} // the check may have made the way somebody's
			continue
		}
		if d.From != from {
			p, from = h.on(d.From), d.From
		}
		if p != nil {
			p.receive(d, now, burst, out)
		}
	}
	burst.Forward(out)
	h.bursts.Put(burst)
}

// Closed forgets an ICE-TCP connection.
func (h *Hub) Closed(path wire.Path) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p := h.byPath[path]; p != nil {
		delete(h.byPath, path)
		p.lost(path)
	}
}

// on is the peer whose packets come this way.
func (h *Hub) on(path wire.Path) *Peer {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.byPath[path]
}

// remove forgets a peer and ends its ICE-TCP connections.
func (h *Hub) remove(p *Peer) {
	h.mu.Lock()
	delete(h.byUfrag, p.credentials.Ufrag)
	for _, r := range p.paths {
		delete(h.byPath, r.Path)
	}
	paths := p.paths
	p.paths = nil
	h.mu.Unlock()
	for _, r := range paths {
		h.ports.Disconnect(r.Path)
	}
}
