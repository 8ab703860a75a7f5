package light

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/logging"
	"github.com/pion/sctp"
	"google.golang.org/protobuf/proto"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

const (
	heartbeatInterval = 500 * time.Millisecond
	maxMessage        = 64 << 10
)

// control is data channel 0 over SCTP over DTLS.
type control struct {
	association *sctp.Association
	channel     *datachannel.DataChannel
	hello       chan struct{} // closed by the first message of the server
	once        sync.Once
}

// openControl associates and opens both agreed channels. It waits for the server's SCTP.
func openControl(c *Client) (*control, error) {
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	association, err := sctp.ClientWithOptions(sctp.WithNetConn(c.dtls), sctp.WithLoggerFactory(quiet))
	if err != nil {
		return nil, fmt.Errorf("SCTP: %w", err)
	}
	k := &control{association: association, hello: make(chan struct{})}
	k.channel, err = datachannel.Dial(association, 0, &datachannel.Config{Negotiated: true, Label: "control", LoggerFactory: quiet})
	if err == nil {
		_, err = datachannel.Dial(association, 1, &datachannel.Config{Negotiated: true, Label: "pointer",
			ChannelType: datachannel.ChannelTypePartialReliableRexmitUnordered, LoggerFactory: quiet})
	}
	if err != nil {
		_ = association.Close()
		return nil, fmt.Errorf("data channel: %w", err)
	}
	return k, nil
}

// read answers the server's messages until the association ends.
func (k *control) read() {
	buffer := make([]byte, maxMessage)
	for {
		n, isText, err := k.channel.ReadDataChannel(buffer)
		if err != nil {
			return
		}
		var m relayv1.ServerMessage
		if isText || proto.Unmarshal(buffer[:n], &m) != nil {
			continue // not of this protocol
		}
		k.once.Do(func() { close(k.hello) })
		if changed := m.GetSlotChanged(); changed != nil {
			k.send(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_SlotAck{SlotAck: &relayv1.SlotAck{
				SlotId: changed.GetSlotId(), Generation: changed.GetGeneration(),
			}}})
		}
	}
}

func (k *control) send(m *relayv1.ClientMessage) {
	if data, err := proto.Marshal(m); err == nil {
		_, _ = k.channel.WriteDataChannel(data, false) // fails when the connection ends
	}
}

// beat says what is published, and then that the client lives, until ctx ends.
func (k *control) beat(ctx context.Context, publishes bool) {
	if publishes {
		for _, kind := range []relayv1.MediaKind{relayv1.MediaKind_MEDIA_KIND_MICROPHONE, relayv1.MediaKind_MEDIA_KIND_CAMERA} {
			k.send(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_SetPublication{
				SetPublication: &relayv1.SetPublication{Kind: kind, Active: true},
			}})
		}
	}
	ticker := time.NewTicker(heartbeatInterval)
	defer ticker.Stop()
	for number := uint64(1); ; number++ {
		k.send(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{Heartbeat: &relayv1.Heartbeat{Number: number}}})
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
