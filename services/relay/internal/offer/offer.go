// Package offer checks that a client's SDP offer has the one shape that client and relay agreed on, before
// anything is allocated for it.
//
// The agreed m-lines, in order: microphone (audio, sendonly), camera (video, sendonly, simulcast rids out of
// q, h, f, or none), screen (video, sendonly), screen sound (audio, sendonly), then 1 to 4 audio and 1 to 10
// video receive slots (recvonly), then the data channels (application). All in one bundle over one transport,
// with ICE credentials, a DTLS fingerprint and only codecs that the relay forwards.
//
// Parse accepts anything a network can send and never panics. The package makes no answers and opens nothing.
package offer

import "github.com/tongke-edu/tongke/services/relay/internal/munge"

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
	// Codecs that the client can send or receive here, repairs (rtx) left out; nil for Data.
	Codecs []munge.Key
}

// Shape is a valid offer in short.
type Shape struct {
	// Sections in m-line order.
	Sections []Section
	// AudioSlots and VideoSlots are the mids of "audio0", "audio1", … and "video0", ….
	AudioSlots, VideoSlots []string
}

// RoleOf gives the role of the section with this mid.
func (s *Shape) RoleOf(mid string) (Role, bool) { return 0, false }

// Problem says why an offer was refused: a stable word for metadata "problem" of OFFER_REJECTED. It is an error.
type Problem string

func (p Problem) Error() string { return "offer refused: " + string(p) }

// Parse checks an offer. The error is always a Problem.
func Parse(sdp string) (*Shape, error) { return nil, Problem("") }

// WithoutCandidates removes all ICE candidates from an SDP. The relay is ICE-lite and never hands a client's
// candidates to the ICE agent: on a shared socket they could name somebody else's address.
func WithoutCandidates(sdp string) string { return sdp }
