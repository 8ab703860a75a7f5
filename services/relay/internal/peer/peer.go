package peer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/relay/internal/answer"
	"github.com/tongke-edu/tongke/services/relay/internal/channel"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
	"github.com/tongke-edu/tongke/services/relay/internal/srtp"
	"github.com/tongke-edu/tongke/services/relay/internal/stun"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// Peer is one media connection: the forward.Transport of a forward.Connection.
type Peer struct {
	hub         *Hub
	shape       *offer.Shape
	agreed      answer.Answer
	credentials stun.Credentials
	connection  *forward.Connection
	log         *zap.Logger

	paths     []wire.Path // guarded by hub.mu; oldest first
	checks    checks
	path      atomic.Pointer[wire.Path]
	nominated atomic.Pointer[wire.Path] // that nothing genuine has come over yet; nil for none
	heard     atomic.Int64              // Unix nanoseconds of the last check or authentic packet
	found     chan struct{}
	reachable sync.Once

	handshake *pipe
	session   atomic.Pointer[srtp.Session] // nil until keys are agreed
	reading   reading
	outbox    atomic.Pointer[channel.Outbox]

	context context.Context
	cancel  context.CancelFunc
	closing sync.Mutex
	secure  *dtls.Conn // nil until it is made
	closed  bool
	loops   sync.WaitGroup // Add under closing, only while not closed
}

func newPeer(h *Hub, shape *offer.Shape, agreed answer.Answer, own stun.Credentials, c *forward.Connection) *Peer {
	p := &Peer{
		hub:         h,
		shape:       shape,
		agreed:      agreed,
		credentials: own,
		connection:  c,
		log:         h.log.With(zap.String(telemetry.ConnectionID, c.ID())),
		found:       make(chan struct{}),
		checks:      checks{gate: newGate(checksPerSecond)},
	}
	p.context, p.cancel = context.WithCancel(context.Background())
	p.handshake = newPipe(p)
	p.reading.init(&p.agreed)
	return p
}

// run brings the connection up and serves its data channels until it ends.
func (p *Peer) run() {
	defer p.connection.Ended()
	select {
	case <-p.found:
	case <-p.context.Done():
		return
	}
	conn, err := p.shakeHands()
	if err != nil {
		p.log.Debug("handshake failed", zap.Error(err))
		return
	}
	if err := p.carryMedia(conn); err != nil {
		p.log.Warn("media cannot be protected", zap.Error(err))
		return
	}
	if p.shape.HasData() {
		p.serveChannels(conn)
	} else {
		awaitEnd(conn)
	}
}

// receive takes a packet that came on a way of this peer.
func (p *Peer) receive(d *wire.Datagram, now time.Time, burst *forward.Burst, out *wire.Batch) {
	if len(d.Data) < 2 {
		return
	}
	switch first := d.Data[0]; { // RFC 7983
	case first >= 20 && first <= 63:
		p.receiveRecord(d.Data, now)
	case first < 128 || first > 191:
	case d.Data[1] >= 192 && d.Data[1] <= 223: // RFC 5761
		p.receiveRTCP(d, now, out)
	default:
		p.receiveRTP(d, now, burst)
	}
}

// Path tells how packets travel.
func (p *Peer) Path() forward.Path { return forward.Path{Network: p.way().Network()} }

// start runs a goroutine that Close waits for.
func (p *Peer) start(f func()) {
	p.closing.Lock()
	defer p.closing.Unlock()
	if !p.closed {
		p.loops.Go(f)
	}
}

// Close ends the connection and all goroutines of it.
func (p *Peer) Close() {
	p.closing.Lock()
	p.closed = true
	conn := p.secure
	p.closing.Unlock()
	p.cancel()
	if conn != nil {
		// The client is told by close_notify; that it may be gone already is no news.
		_ = conn.Close()
	}
	_ = p.handshake.Close() // it always works
	p.loops.Wait()
	p.hub.remove(p)
}
