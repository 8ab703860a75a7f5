package peer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/relay/internal/answer"
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

	paths     []route // guarded by hub.mu; oldest first
	checks    checks
	path      atomic.Pointer[wire.Path]
	nominated atomic.Pointer[wire.Path] // that nothing genuine has come over yet; nil for none
	heard     atomic.Int64              // Unix nanoseconds of the last check or authentic packet
	found     chan struct{}
	reachable sync.Once

	session atomic.Pointer[srtp.Session] // nil until keys are agreed
	reading reading
	talk    talk

	context context.Context
	cancel  context.CancelFunc
	shaking sync.WaitGroup // run
	over    sync.Once
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
	p.talk.gate, p.talk.pipe = newRecordGate(), newPipe(p)
	p.reading.init(&p.agreed)
	return p
}

// run brings the connection up. What comes afterwards is handled where it is read.
func (p *Peer) run(over *pipe) {
	select {
	case <-p.found:
	case <-p.context.Done():
		return
	}
	if err := p.bringUp(over); err != nil {
		p.log.Debug("handshake failed", zap.Error(err))
		p.end()
	}
}

func (p *Peer) bringUp(over *pipe) error {
	conn, err := p.shakeHands(over)
	if err != nil {
		return err
	}
	mediaErr := p.carryMedia(conn)
	layer, err := takeUp(conn, over)
	if err := errors.Join(mediaErr, err); err != nil {
		return err
	}
	p.carryRecords(layer)
	return nil
}

// end tells the lesson that the connection is over.
func (p *Peer) end() { p.over.Do(p.connection.Ended) }

// receive takes a packet that came on a way of this peer.
func (p *Peer) receive(d *wire.Datagram, now time.Time, burst *forward.Burst, out *wire.Batch) {
	if len(d.Data) < 2 {
		return
	}
	switch first := d.Data[0]; { // RFC 7983
	case first >= 20 && first <= 63:
		p.receiveRecords(d, now, out)
	case first < 128 || first > 191:
	case d.Data[1] >= 192 && d.Data[1] <= 223: // RFC 5761
		p.receiveRTCP(d, now, out)
	default:
		p.receiveRTP(d, now, burst, out)
	}
}

// Path tells how packets travel.
func (p *Peer) Path() forward.Path { return forward.Path{Network: p.way().Network()} }

// Close ends the connection. It waits for a handshake that is under way; nothing else of a peer has a goroutine.
func (p *Peer) Close() {
	p.cancel()
	p.hangUp()
	p.shaking.Wait()
	p.hub.remove(p)
	p.end()
}
