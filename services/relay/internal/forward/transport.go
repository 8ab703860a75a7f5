package forward

import (
	"time"

	"github.com/pion/rtcp"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/estimate"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// Transport is a participant's media connection as this package needs it. Its methods may be called from any
// goroutine, also before it is connected and after it is closed.
type Transport interface {
	// Send queues a message on the control channel without waiting.
	Send(*relayv1.ServerMessage) error
	// WriteRTCP puts packets into out, which the caller flushes, or sends them at once when that is nil.
	WriteRTCP(out *wire.Batch, packets []rtcp.Packet) error
	Path() Path
	// Close ends the connection and returns when its goroutines have ended.
	Close()
}

// Path is the way that a connection's packets take.
type Path struct {
	// Network is "udp" or "tcp", empty before a way is found.
	Network string
}

// Header is what the relay decides about the RTP header of an outgoing packet; the stream adds the rest.
type Header struct {
	Seq         uint16
	Timestamp   uint32
	PayloadType uint8
	Marker      bool
	// Padding is a number of octets, up to 255, that stand for the payload of a packet without one.
	Padding uint8
	// Kind is what the packet is sent for.
	Kind estimate.Kind
}

// Stream is one outgoing SSRC.
type Stream interface {
	// WriteRTP puts one packet into out, which the caller flushes. It keeps neither header nor payload. One caller
	// at a time; a sequence number is written once.
	WriteRTP(out *wire.Batch, h Header, payload []byte) error
}

// Again sends packets of a Stream once more, as they were: no number is sealed twice.
type Again interface {
	// Again puts the packet with this number into out. It reports false for one that is not kept any more, or that went
	// out before since. It has the same caller as the Stream.
	Again(out *wire.Batch, seq uint16, since time.Time) bool
}

// Output is the negotiated sending side of one slot.
type Output struct {
	SSRC  uint32
	Media Stream
	// Repair is the stream of retransmissions (RFC 4588); nil when none was negotiated.
	Repair Stream
	// Payloads are the payload types of this connection by codec.
	Payloads map[munge.Key]Payload
	// Again sends lost packets of Media once more where there is no stream for repairs; nil where nobody asks.
	Again Again
	// Red is the payload type of Opus with repeated frames (RFC 2198); 0 when the participant does not take it.
	Red uint8
}

// Batches lends a batch to a goroutine that does not read a socket; what it holds leaves when it is returned.
type Batches interface {
	Batch() *wire.Batch
	Return(*wire.Batch)
}

// Payload is the number of a codec and of its retransmissions (0: none) in one connection.
type Payload struct{ Type, Repair uint8 }

// Track describes an incoming stream.
type Track struct {
	Kind relayv1.MediaKind
	// RID is "q", "h" or "f"; empty without simulcast.
	RID         string
	SSRC        uint32
	PayloadType uint8
	// Red is the payload type of packets that carry several frames of the track (RFC 2198); 0 for none.
	Red       uint8
	ClockRate uint32
	Codec     munge.Key
	// Repeats: the participant sends again what is asked for.
	Repeats bool
}

// Slots are the receive sections of an offer: their mids by slot number.
type Slots struct{ Audio, Video []string }

// Config bounds what this package holds and how long it waits.
type Config struct {
	MaxConnections               int
	MaxConnectionsPerParticipant int
	// ConnectTimeout ends connections that never come up.
	ConnectTimeout time.Duration
	// SilenceTimeout ends connections without heartbeat and media.
	SilenceTimeout time.Duration
	// AckTimeout is how long a slot waits for SlotAck before it switches.
	AckTimeout time.Duration
	// IdleTimeout forgets lessons without connections.
	IdleTimeout time.Duration
}
