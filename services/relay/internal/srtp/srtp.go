// Package srtp protects the media of one connection (RFC 3711): it seals what is sent and opens what arrives, in
// place, with the keys of the DTLS handshake (RFC 5764).
//
// AEAD_AES_128_GCM (RFC 7714) is done here, because the relay seals every packet once per viewer: no lock, no copy, no
// allocation. AES128_CM_HMAC_SHA1_80, for the rare client that has nothing better, is done by pion/srtp. Packet indexes
// and replay are followed here for both.
//
// Who may call what: a Stream has one owner at a time; Session.Open and Session.OpenRTCP have one caller at a time;
// Session.Stream and Session.SealRTCP may be called by anybody. The package starts no goroutine.
package srtp

import (
	"errors"
	"fmt"

	"github.com/pion/dtls/v3"
)

var (
	// ErrProfile is returned for a protection profile other than the two above, or keys that do not fit it.
	ErrProfile = errors.New("srtp: unknown protection profile")
	// ErrMalformed is returned for what is not an RTP or RTCP packet, or cannot be a protected one.
	ErrMalformed = errors.New("srtp: malformed packet")
	// ErrReuse is returned for an outgoing number that was sealed before, or is so old that it may have been.
	ErrReuse = errors.New("srtp: packet index sealed before")
	// ErrReplay is returned for an incoming packet that came before, or is so old that it may have.
	ErrReplay = errors.New("srtp: packet came before or is too old")
	// ErrForged is returned for an incoming packet that was not sealed with the keys of this session.
	ErrForged = errors.New("srtp: authentication failed")
	// ErrTooManyStreams is returned for a packet of one SSRC more than MaxStreams.
	ErrTooManyStreams = errors.New("srtp: too many streams")
	// ErrExhausted is returned when the keys have protected as many packets as they may (RFC 3711 section 9.2).
	ErrExhausted = errors.New("srtp: keys are used up")
)

const (
	rtpHeader  = 12 // the smallest
	rtcpHeader = 8  // what of an RTCP packet is not encrypted
	indexSize  = 4  // the index of an RTCP packet, with the flag in its highest bit
	encrypted  = 1 << 31
)

// protection is one direction of a profile, for packets whose index is known.
type protection interface {
	// fork returns another with the same keys, for another goroutine.
	fork() protection
	overhead() int
	// seal protects packet in place: header, payload, and room for overhead bytes.
	seal(packet []byte, header int, ssrc uint32, index uint64) error
	// open returns header and payload, in place. A packet for which it returns an error is destroyed.
	open(packet []byte, header int, ssrc uint32, index uint64) ([]byte, error)
	// sealRTCP appends the protected packet to dst, which may be plain[:0].
	sealRTCP(dst, plain []byte, ssrc, index uint32) ([]byte, error)
	openRTCP(packet []byte, ssrc, index uint32) ([]byte, error)
	// rtcpTrailer is how many bytes of an RTCP packet follow its index.
	rtcpTrailer() int
}

func newProtection(profile dtls.SRTPProtectionProfile, key, salt []byte) (protection, error) {
	switch profile {
	case dtls.SRTP_AEAD_AES_128_GCM:
		return newGCM(key, salt)
	case dtls.SRTP_AES128_CM_HMAC_SHA1_80:
		return newCM(key, salt)
	default:
		return nil, fmt.Errorf("%w: %#04x", ErrProfile, uint16(profile))
	}
}
