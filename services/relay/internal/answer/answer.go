// Package answer writes the relay's SDP answer to an offer of the agreed shape, and says what was agreed by it.
//
// The relay is ICE-lite and the DTLS server. Of a sending section it takes everything that the client offered and the
// relay forwards, in the client's order, so that the codec may change without another exchange; of a receiving section
// it makes a slot, whose stream and codecs stand from then on. Numbers (mids, payload types, header extensions) are the
// client's; SSRCs of slots are drawn here.
//
// The package opens nothing and keeps nothing.
package answer

import (
	"crypto/sha256"
	"net/netip"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
)

// Params are what the relay brings to an answer.
type Params struct {
	Shape *offer.Shape
	// Ufrag and Password are our ICE credentials for this connection.
	Ufrag, Password string
	// Fingerprint is the SHA-256 digest of our DTLS certificate.
	Fingerprint [sha256.Size]byte
	// Addresses are where the client reaches us, by ICE-TCP and, unless TCPOnly, by UDP.
	Addresses []netip.AddrPort
	TCPOnly   bool
	// MaxMessage is the largest message on a data channel in bytes.
	MaxMessage int
}

// Answer is what was agreed.
type Answer struct {
	// Sources are the sections that the client sends in: microphone, camera, screen, screen sound.
	Sources []Source
	// Audio and Video are the slots "audio0", … and "video0", … that the relay sends in.
	Audio, Video []Slot
	// Extensions are those of the whole bundle: an id means the same in all sections. They serve to find the section
	// of a packet with an unknown SSRC.
	Extensions Extensions
}

// Source is a section that the client sends in.
type Source struct {
	Role offer.Role
	Mid  string
	// RIDs of the simulcast layers in the client's order; empty without simulcast.
	RIDs []string
	// Streams, where the offer says them; streams of a camera with rids are known by their header extensions.
	Streams []offer.Stream
	// Codecs by payload type.
	Codecs     map[uint8]Codec
	Extensions Extensions
	// TransportCC: the client adapts to feedback on arrival times (else to REMB where that is offered).
	TransportCC bool
}

// Codec is what a payload type of a source means.
type Codec struct {
	// Key of the codec, of RED ("audio/red"), or of the codec that is sent again.
	Key       munge.Key
	ClockRate uint32
	// RepairOf is the payload type that these retransmissions repair (RFC 4588); 0 for media.
	RepairOf uint8
	// Red is the payload type of the packets that repeat this codec's frames (RFC 2198), and RedOf, of those packets, the
	// codec's; 0 for none.
	Red, RedOf uint8
	// Repeats: the client sends again what the relay asks for.
	Repeats bool
}

// Slot is a section that the relay sends in.
type Slot struct {
	// ID is "audio0", "video0", …: also the track's id at the client.
	ID  string
	Mid string
	// Stream and, for video with retransmissions, the stream that repairs it.
	offer.Stream
	// Payloads by codec, in numbers that the client gave.
	Payloads map[munge.Key]Payload
	// Red is the payload type of redundant Opus (RFC 2198); 0 when the client does not take it.
	Red        uint8
	Extensions Extensions
	// NACK: the client asks for lost packets.
	NACK bool
}

// Payload is the number of a codec and of its retransmissions (0: none) in one connection.
type Payload struct{ Type, Repair uint8 }

// Extensions are the agreed header extensions: ids from 1 to 14 of one-byte headers (RFC 8285 section 4.2), 0 for none.
type Extensions struct {
	// Mid is RFC 9143 section 15.
	Mid uint8
	// RID and RepairedRID name the layer of media and of its retransmissions (RFC 8852).
	RID, RepairedRID uint8
	// TransportCC is the number of a packet on its transport (draft-holmer-rmcat-transport-wide-cc-extensions-01).
	TransportCC uint8
	// AudioLevel is RFC 6464.
	AudioLevel uint8
}

const (
	midURI         = "urn:ietf:params:rtp-hdrext:sdes:mid"
	ridURI         = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	repairedRIDURI = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
	transportCCURI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
	audioLevelURI  = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
)
