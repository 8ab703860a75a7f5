package participant

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

// heartbeatInterval is agreed with the relay; three missed ones mean that the connection is gone.
const heartbeatInterval = 500 * time.Millisecond

// control is data channel 0, the reliable one.
type control struct {
	channel *webrtc.DataChannel
	slots   *slots
	hello   chan struct{} // closed by the first message
	goodbye chan struct{} // closed when the relay ends the connection on purpose
	once    [2]sync.Once

	sent, answered atomic.Uint64 // numbers of heartbeats
}

// newControl makes both agreed channels: 0 "control", and 1 "pointer", which this participant does not use.
func newControl(pc *webrtc.PeerConnection, s *slots) (*control, error) {
	negotiated, unordered, never := true, false, uint16(0)
	first, second := uint16(0), uint16(1)
	channel, err := pc.CreateDataChannel("control", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &first})
	if err != nil {
		return nil, err
	}
	if _, err := pc.CreateDataChannel("pointer", &webrtc.DataChannelInit{
		Negotiated: &negotiated, ID: &second, Ordered: &unordered, MaxRetransmits: &never,
	}); err != nil {
		return nil, err
	}
	c := &control{channel: channel, slots: s, hello: make(chan struct{}), goodbye: make(chan struct{})}
	channel.OnMessage(c.take)
	return c, nil
}

// take handles one message of the relay.
func (c *control) take(raw webrtc.DataChannelMessage) {
	var msg relayv1.ServerMessage
	if raw.IsString || proto.Unmarshal(raw.Data, &msg) != nil {
		return // not of this protocol
	}
	switch kind := msg.GetKind().(type) {
	case *relayv1.ServerMessage_Hello:
		c.slots.name(kind.Hello)
		c.once[0].Do(func() { close(c.hello) })
	case *relayv1.ServerMessage_SlotChanged:
		c.slots.change(kind.SlotChanged)
		c.send(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_SlotAck{SlotAck: &relayv1.SlotAck{
			SlotId: kind.SlotChanged.GetSlotId(), Generation: kind.SlotChanged.GetGeneration(),
		}}})
	case *relayv1.ServerMessage_Heartbeat:
		c.answered.Store(kind.Heartbeat.GetNumber())
	case *relayv1.ServerMessage_Goodbye:
		c.once[1].Do(func() { close(c.goodbye) })
	}
}

func (c *control) send(msg *relayv1.ClientMessage) {
	data, err := proto.Marshal(msg)
	if err == nil && c.channel.ReadyState() == webrtc.DataChannelStateOpen {
		_ = c.channel.Send(data) // fails when the connection ends
	}
}

// beat sends heartbeats from Hello on, until ctx ends.
func (c *control) beat(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-c.hello:
	}
	c.send(publishing(relayv1.MediaKind_MEDIA_KIND_MICROPHONE))
	c.send(publishing(relayv1.MediaKind_MEDIA_KIND_CAMERA))
	every(ctx, heartbeatInterval, func() {
		c.send(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{
			Heartbeat: &relayv1.Heartbeat{Number: c.sent.Add(1)},
		}})
	})
}

// publishing says that a section carries media.
func publishing(kind relayv1.MediaKind) *relayv1.ClientMessage {
	return &relayv1.ClientMessage{Kind: &relayv1.ClientMessage_SetPublication{
		SetPublication: &relayv1.SetPublication{Kind: kind, Active: true},
	}}
}

// Heartbeats returns how many were sent, and the number of the newest that was answered.
func (m *Media) Heartbeats() (sent, answered uint64) {
	return m.control.sent.Load(), m.control.answered.Load()
}
