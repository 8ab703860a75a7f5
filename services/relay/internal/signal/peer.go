package signal

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/relay/internal/channel"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
)

// The negotiated data channels (design: one offer, fixed slots).
const (
	controlChannel = 0
	pointerChannel = 1
)

// Peer is one Pion connection: the forward.Transport of a forward.Connection.
type Peer struct {
	pc         *webrtc.PeerConnection
	shape      *offer.Shape
	connection *forward.Connection
	log        *zap.Logger
	audio      []*slot
	video      []*slot
	outbox     *channel.Outbox // nil when the offer has no data channel

	mu     sync.Mutex
	closed bool
	loops  sync.WaitGroup // Add under mu, only while not closed
}

func newPeer(pc *webrtc.PeerConnection, shape *offer.Shape, c *forward.Connection, log *zap.Logger) *Peer {
	return &Peer{
		pc:         pc,
		shape:      shape,
		connection: c,
		log:        log.With(zap.String(telemetry.ConnectionID, c.ID())),
	}
}

// negotiate makes the answer, with all candidates. The order is Pion's need: it pairs a recvonly section of the
// offer with the first unused sendonly transceiver of its kind.
func (p *Peer) negotiate(sdp string) (string, error) {
	if err := p.prepare(); err != nil {
		return "", fault.Wrap(fault.Internal, err)
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp}); err != nil {
		return "", rejected(fmt.Errorf("set offer: %w", err))
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", rejected(fmt.Errorf("create answer: %w", err))
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil { // binds every slot
		return "", rejected(fmt.Errorf("set answer: %w", err))
	}
	<-gathered
	return p.pc.LocalDescription().SDP, nil
}

func rejected(cause error) error {
	return fault.Wrap(fault.OfferRejected, cause, fault.With("problem", "not_usable"))
}

// prepare sets up everything that must be there before the offer.
func (p *Peer) prepare() error {
	for _, section := range p.shape.Sections {
		var err error
		switch section.Role {
		case offer.AudioSlot:
			p.audio, err = p.addSlot(p.audio, webrtc.RTPCodecTypeAudio)
		case offer.VideoSlot:
			p.video, err = p.addSlot(p.video, webrtc.RTPCodecTypeVideo)
		case offer.Data:
			err = p.addChannels()
		}
		if err != nil {
			return err
		}
	}
	p.pc.OnTrack(p.receive)
	p.pc.OnConnectionStateChange(p.changed)
	return nil
}

func (p *Peer) addSlot(slots []*slot, kind webrtc.RTPCodecType) ([]*slot, error) {
	number := strconv.Itoa(len(slots))
	s := &slot{id: kind.String() + number, stream: "slot" + number, kind: kind}
	transceiver, err := p.pc.AddTransceiverFromTrack(s, webrtc.RTPTransceiverInit{
		Direction: webrtc.RTPTransceiverDirectionSendonly,
	})
	if err != nil {
		return nil, fmt.Errorf("add slot %s: %w", s.id, err)
	}
	index, audio := len(slots), kind == webrtc.RTPCodecTypeAudio
	p.start(func() {
		p.readFeedback(transceiver.Sender().Read, func(packets []rtcp.Packet, now time.Time) {
			p.connection.Feedback(audio, index, packets, now)
		})
	})
	return append(slots, s), nil
}

// addChannels opens the negotiated data channels. What comes over the pointer channel is for later versions.
func (p *Peer) addChannels() error {
	negotiated, ordered, resends := true, false, uint16(0)
	control, pointer := uint16(controlChannel), uint16(pointerChannel)
	dc, err := p.pc.CreateDataChannel("control", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &control})
	if err != nil {
		return fmt.Errorf("open control channel: %w", err)
	}
	_, err = p.pc.CreateDataChannel("pointer", &webrtc.DataChannelInit{
		Negotiated: &negotiated, ID: &pointer, Ordered: &ordered, MaxRetransmits: &resends,
	})
	if err != nil {
		return fmt.Errorf("open pointer channel: %w", err)
	}
	p.outbox = channel.NewOutbox(dc)
	inbox := channel.NewInbox(time.Now())
	dc.OnOpen(p.connection.ChannelOpened)
	dc.OnMessage(func(m webrtc.DataChannelMessage) { p.message(inbox, m.Data) })
	return nil
}

func (p *Peer) message(inbox *channel.Inbox, data []byte) {
	m, err := inbox.Receive(time.Now(), data)
	switch {
	case err != nil:
		p.log.Info("participant cut: control channel misused", zap.Error(err))
		p.connection.Ended()
	case m != nil:
		p.connection.Message(m)
	}
}

// changed follows the state of the connection. Nothing may be written before it is connected: it would be lost
// without a word.
func (p *Peer) changed(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnected:
		p.connection.Connected(outputs(p.audio), outputs(p.video))
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		p.connection.Ended()
	}
}

func outputs(slots []*slot) []forward.Output {
	out := make([]forward.Output, len(slots))
	for i, s := range slots {
		out[i] = s.bound()
	}
	return out
}

// Send queues a message on the control channel.
func (p *Peer) Send(m *relayv1.ServerMessage) error { return p.outbox.Send(m) }

// WriteRTCP sends feedback and reports.
func (p *Peer) WriteRTCP(packets []rtcp.Packet) error { return p.pc.WriteRTCP(packets) }

// Path tells how packets travel.
func (p *Peer) Path() forward.Path {
	pair, err := p.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || pair == nil {
		return forward.Path{}
	}
	return forward.Path{Network: pair.Local.Protocol.String()}
}

// start runs a goroutine that Close waits for.
func (p *Peer) start(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.loops.Go(f)
	}
}

// Close ends the connection and all goroutines of it.
func (p *Peer) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	// The error would say that some part was down already.
	_ = p.pc.GracefulClose()
	p.loops.Wait()
}
