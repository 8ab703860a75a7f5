// Package offer checks that an SDP offer has one of the shapes that were agreed on, before anything is allocated for it.
//
// Parse takes what Tongke's own clients write, ParseProgram what programs write that speak WHIP or WHEP (program.go). The
// m-lines of a client, in order: microphone (audio, sendonly), camera (video, sendonly, simulcast rids out of
// q, h, f, or none), screen (video, sendonly), screen sound (audio, sendonly), then 1 to 4 audio and 1 to 10
// video receive slots (recvonly), then the data channels (application). All in one bundle over one transport,
// with ICE credentials, a DTLS fingerprint and only codecs that the relay forwards. Numbers (payload types, header
// extensions, SSRCs) mean the same in all sections, so that a packet can be read before its section is known.
//
// Parse accepts anything a network can send and never panics. The package makes no answers and opens nothing.
package offer

import "crypto/sha256"

// Limits of an offer.
const (
	MaxBytes      = 96 << 10
	MaxSections   = 32
	MaxAudioSlots = 4
	MaxVideoSlots = 10
)

// Role is what a section of the offer is for, given by its place.
type Role uint8

// The roles; the first four send to the relay, in this order.
const (
	Microphone Role = iota
	Camera
	Screen
	ScreenAudio
	AudioSlot
	VideoSlot
	Data
)

// Section is one m-line.
type Section struct {
	Role Role
	Mid  string
	// RIDs of the camera in the offer's order; empty without simulcast.
	RIDs []string
	// Formats are the codecs that the client can send or receive here in its order, without RED and repairs; nil for
	// Data.
	Formats []Format
	// Red is the payload type of redundant Opus (RFC 2198); 0 for none.
	Red uint8
	// Extensions are the ids (1 to 14) of RTP header extensions by URI (RFC 8285).
	Extensions map[string]uint8
	// Streams of a sending section, where the client says them: not of a camera with rids.
	Streams []Stream
}

// Stream is one RTP stream and the stream of its retransmissions (0: none).
type Stream struct{ SSRC, Repair uint32 }

// HasData reports whether there are data channels. Without them everything is said by media, RTCP and connectivity checks.
func (s *Shape) HasData() bool {
	return len(s.Sections) > 0 && s.Sections[len(s.Sections)-1].Role == Data
}

// Shape is a valid offer in short.
type Shape struct {
	// Sections in m-line order.
	Sections []Section
	// AudioSlots and VideoSlots are the mids of "audio0", "audio1", … and "video0", ….
	AudioSlots, VideoSlots []string
	// Ufrag and Password are the client's ICE credentials.
	Ufrag, Password string
	// Fingerprint is the SHA-256 digest of the client's DTLS certificate.
	Fingerprint [sha256.Size]byte
}

// Problem says why an offer was refused: a stable word for metadata "problem" of OFFER_REJECTED. It is an error.
type Problem string

// The problems.
const (
	// TooLarge: more than MaxBytes.
	TooLarge Problem = "too_large"
	// TooManySections: more than MaxSections m-lines.
	TooManySections Problem = "too_many_sections"
	// Malformed: not SDP.
	Malformed Problem = "malformed"
	// WrongSections: kinds or order of the m-lines are not as agreed, or one is rejected (port 0).
	WrongSections Problem = "wrong_sections"
	// WrongDirection: a section that must be sendonly or recvonly is not.
	WrongDirection Problem = "wrong_direction"
	// WrongSlots: too few or too many receive slots.
	WrongSlots Problem = "wrong_slots"
	// WrongProtocol: not UDP/TLS/RTP/SAVPF (media with rtcp-mux) or UDP/DTLS/SCTP (data).
	WrongProtocol Problem = "wrong_protocol"
	// WrongMids: missing, repeated or overlong.
	WrongMids Problem = "wrong_mids"
	// WrongLayers: rids that are not as agreed, or in the wrong section.
	WrongLayers Problem = "wrong_layers"
	// UnknownCodec: one that the relay does not forward; the client must leave it out.
	UnknownCodec Problem = "unknown_codec"
	// NoCodec: a section without opus, or without a video codec, that the relay forwards.
	NoCodec Problem = "no_codec"
	// WrongExtensions: RTP header extensions that cannot be read, or too many.
	WrongExtensions Problem = "wrong_extensions"
	// WrongStreams: SSRCs that cannot be read, or too many.
	WrongStreams Problem = "wrong_streams"
	// AmbiguousNumbers: a payload type, header extension or SSRC means two things.
	AmbiguousNumbers Problem = "ambiguous_numbers"
	// NotBundled: not all sections share one transport.
	NotBundled Problem = "not_bundled"
	// NoICE: credentials are missing, too short or hold what they may not.
	NoICE Problem = "no_ice"
	// NoFingerprint: none by SHA-256, or not the same everywhere.
	NoFingerprint Problem = "no_fingerprint"
	// WrongSetup: the client must be willing to be the DTLS client (actpass or active).
	WrongSetup Problem = "wrong_setup"
)

func (p Problem) Error() string { return "offer refused: " + string(p) }
