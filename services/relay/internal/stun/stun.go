// Package stun is the relay's side of ICE: it reads connectivity checks and answers them, as an ICE-lite agent does
// (RFC 8445 section 7.3, RFC 8489).
//
// The order of use makes junk cheap. IsSTUN and Parse look at nothing but lengths; Check.Local gives the ufrag by which
// the caller finds a connection, or none, and then the packet is dropped without a hash and without an allocation.
// Only a check that passes Check.Verify may be believed or answered.
//
// The package asks no questions of its own (a lite agent sends no checks), keeps no state and starts no goroutine.
package stun

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
)

const (
	headerSize      = 20
	attributeHeader = 4
	magicCookie     = 0x2112a442

	bindingRequest    = 0x0001
	bindingIndication = 0x0011

	// Bounds on what is read. A browser's check has about 120 bytes and 8 attributes.
	maxSize       = 1280
	maxAttributes = 32
	// MaxUfrag is the longest ufrag of ours that Parse accepts; those of NewCredentials have 8 characters.
	MaxUfrag = 32
)

var (
	// ErrNotBinding is returned for what is not a binding request or indication.
	ErrNotBinding = errors.New("stun: not a binding request or indication")
	// ErrMalformed is returned for a message whose lengths do not fit, or which lacks a USERNAME of two parts.
	ErrMalformed = errors.New("stun: malformed message")
	// ErrIntegrity is returned for a check that does not prove knowledge of the password.
	ErrIntegrity = errors.New("stun: message integrity missing or wrong")
	// ErrFingerprint is returned for a check whose FINGERPRINT does not match its bytes.
	ErrFingerprint = errors.New("stun: fingerprint does not match")
)

// Credentials are what one side of an ICE session is addressed with (RFC 8445 section 5.3).
type Credentials struct {
	Ufrag    string
	Password string
}

// NewCredentials returns random credentials: 40 bits to be found by, 130 bits that prove the right to send.
func NewCredentials() Credentials {
	return Credentials{Ufrag: rand.Text()[:8], Password: rand.Text()}
}

// IsSTUN tells STUN from the other protocols of the same port (RFC 7983 section 7) by first byte and magic cookie.
func IsSTUN(packet []byte) bool {
	return len(packet) >= headerSize && packet[0] < 4 && binary.BigEndian.Uint32(packet[4:]) == magicCookie
}
