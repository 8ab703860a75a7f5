package peer

import (
	"errors"
	"fmt"

	"github.com/pion/rtcp"
	"google.golang.org/protobuf/proto"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/channel"
	"github.com/tongke-edu/tongke/services/relay/internal/sctp"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// The negotiated data channels are streams of one association (design: one offer, fixed slots).
const (
	// controlStream is reliable and ordered: messages of package channel.
	controlStream = 0
	// The pointer channel, stream 1, is for later versions: what comes on it is acknowledged and thrown away.
	dataStreams = 2
)

const (
	// sctpMTU keeps a packet with DTLS and UDP under 1,280 bytes.
	sctpMTU = 1191
	// maxUnsent bounds in bytes what may wait for a participant that does not read.
	maxUnsent = 256 << 10
)

var errNoChannel = errors.New("control channel is not open")

func newAssociation() *sctp.Association {
	return sctp.New(sctp.Params{
		MTU: sctpMTU, MaxMessage: channel.MaxMessage, MaxUnsent: maxUnsent, Streams: dataStreams,
	})
}

// Send queues a message on the control channel. It never waits.
func (p *Peer) Send(m *relayv1.ServerMessage) error {
	data, err := proto.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	t := &p.talk
	t.Lock()
	defer t.Unlock()
	if !t.opened || t.closed {
		return errNoChannel
	}
	if err := t.association.Send(controlStream, data); err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	if !t.telling { // else it leaves with what the client's messages cause, and the acknowledgement
		p.emit(nil)
	}
	return nil
}

// WriteRTCP sends feedback and reports: into a batch, else at once. Before keys are agreed they have nowhere to go.
func (p *Peer) WriteRTCP(out *wire.Batch, packets []rtcp.Packet) error {
	plain, err := rtcp.Marshal(packets)
	if err != nil {
		return err
	}
	return p.sendRTCP(out, plain)
}

func (p *Peer) sendRTCP(out *wire.Batch, plain []byte) error {
	session := p.session.Load()
	if session == nil {
		return nil
	}
	sealed, err := session.SealRTCP(nil, plain)
	if err != nil {
		return err
	}
	if out == nil {
		out = p.hub.ports.Batch()
		defer p.hub.ports.Return(out)
	}
	room := out.Reserve(p.way(), len(sealed))
	if room == nil {
		return errNoWay
	}
	copy(room, sealed)
	return nil
}
