package peer

import (
	"errors"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/dtls/v3"
	"github.com/pion/rtcp"
	"github.com/pion/sctp"
	"go.uber.org/zap"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/channel"
)

// The negotiated data channels (design: one offer, fixed slots).
const (
	controlChannel = 0
	pointerChannel = 1
)

const (
	// sctpMTU keeps a chunk with DTLS and UDP under 1,280 bytes.
	sctpMTU = 1191
	// maxUnread bounds in bytes what a client may send over data channels faster than it is read.
	maxUnread = 64 << 10
)

var errNoChannel = errors.New("control channel is not open")

// serveChannels reads the data channels until the connection ends.
func (p *Peer) serveChannels(conn *dtls.Conn) {
	association, err := sctp.ClientWithOptions(
		sctp.WithNetConn(conn),
		sctp.WithMTU(sctpMTU),
		sctp.WithMaxReceiveBufferSize(maxUnread),
		sctp.WithLoggerFactory(p.hub.logs),
	)
	if err != nil {
		p.log.Debug("no data channels", zap.Error(err))
		return
	}
	defer association.Close() //nolint:errcheck // that it is closed already is no news
	control, err := p.open(association, controlChannel, datachannel.Config{Label: "control"})
	if err != nil {
		p.log.Debug("no control channel", zap.Error(err))
		return
	}
	pointer, err := p.open(association, pointerChannel, datachannel.Config{
		Label: "pointer", ChannelType: datachannel.ChannelTypePartialReliableRexmitUnordered,
	})
	if err != nil {
		p.log.Debug("no pointer channel", zap.Error(err))
		return
	}
	p.start(func() { drain(pointer) })
	p.outbox.Store(channel.NewOutbox(outgoing{control}))
	p.connection.ChannelOpened()
	p.readControl(control)
}

func (p *Peer) open(a *sctp.Association, id uint16, c datachannel.Config) (*datachannel.DataChannel, error) {
	c.Negotiated, c.LoggerFactory = true, p.hub.logs
	return datachannel.Dial(a, id, &c)
}

// readControl takes messages until the channel ends or is misused.
func (p *Peer) readControl(control *datachannel.DataChannel) {
	inbox := channel.NewInbox(time.Now())
	buffer := make([]byte, channel.MaxMessage)
	for {
		n, err := control.Read(buffer)
		if err != nil {
			p.log.Debug("control channel ended", zap.Error(err))
			return
		}
		m, err := inbox.Receive(time.Now(), buffer[:n])
		if err != nil {
			p.log.Info("participant cut: control channel misused", zap.Error(err))
			return
		}
		if m != nil {
			p.connection.Message(m)
		}
	}
}

// drain reads a channel whose messages are for later versions: unread ones would fill the association.
func drain(c *datachannel.DataChannel) {
	buffer := make([]byte, channel.MaxMessage)
	for {
		if _, err := c.Read(buffer); err != nil {
			return
		}
	}
}

// outgoing is a data channel as an outbox writes to it.
type outgoing struct{ *datachannel.DataChannel }

func (o outgoing) Send(data []byte) error {
	_, err := o.Write(data)
	return err
}

// Send queues a message on the control channel.
func (p *Peer) Send(m *relayv1.ServerMessage) error {
	outbox := p.outbox.Load()
	if outbox == nil {
		return errNoChannel
	}
	return outbox.Send(m)
}

// WriteRTCP sends feedback and reports. Before keys are agreed they have nowhere to go.
func (p *Peer) WriteRTCP(packets []rtcp.Packet) error {
	plain, err := rtcp.Marshal(packets)
	if err != nil {
		return err
	}
	return p.sendRTCP(plain)
}

func (p *Peer) sendRTCP(plain []byte) error {
	session := p.session.Load()
	if session == nil {
		return nil
	}
	sealed, err := session.SealRTCP(nil, plain)
	if err != nil {
		return err
	}
	return p.hub.ports.Send(p.way(), sealed)
}
