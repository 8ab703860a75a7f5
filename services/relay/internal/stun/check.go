package stun

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // ICE demands it (RFC 8445 section 7.2.2)
	"encoding/binary"

	"github.com/pion/stun/v4"
)

const (
	integritySize   = 20
	fingerprintSize = 4
	maxUnknown      = 4
)

// Check is a parsed binding request or indication. It refers to the bytes it was parsed from and is valid as long as
// they are.
type Check struct {
	raw         []byte
	username    []byte // "ours:theirs", nil in most indications
	colon       int    // where it is in username
	integrity   int    // where MESSAGE-INTEGRITY begins, 0: absent
	fingerprint int    // where FINGERPRINT begins, 0: absent

	indication bool
	nominates  bool
	controlled bool // the other side claims our role

	unknown  [maxUnknown]stun.AttrType // attributes that we would have to understand
	unknowns int
}

// Parse reads a message. It neither writes to packet nor allocates, and believes nothing: see Verify.
func Parse(packet []byte) (Check, error) {
	if !IsSTUN(packet) {
		return Check{}, ErrNotBinding
	}
	c := Check{raw: packet}
	switch binary.BigEndian.Uint16(packet) {
	case bindingRequest:
	case bindingIndication:
		c.indication = true
	default:
		return Check{}, ErrNotBinding
	}
	length := int(binary.BigEndian.Uint16(packet[2:]))
	if len(packet) > maxSize || length != len(packet)-headerSize || length%4 != 0 {
		return Check{}, ErrMalformed
	}
	if !c.readAttributes() {
		return Check{}, ErrMalformed
	}
	if c.username == nil && !c.indication {
		return Check{}, ErrMalformed
	}
	return c, nil
}

// readAttributes walks over the attributes and reports whether they are well formed.
func (c *Check) readAttributes() bool {
	at, count := headerSize, 0
	for ; at < len(c.raw); count++ {
		if count == maxAttributes || c.fingerprint != 0 || len(c.raw)-at < attributeHeader { // FINGERPRINT is the last
			return false
		}
		kind := stun.AttrType(binary.BigEndian.Uint16(c.raw[at:]))
		size := int(binary.BigEndian.Uint16(c.raw[at+2:]))
		value := at + attributeHeader
		if size > len(c.raw)-value {
			return false
		}
		if !c.readAttribute(kind, at, c.raw[value:value+size]) {
			return false
		}
		at = value + (size+3)&^3 // within the message: its length is a multiple of four
	}
	return true
}

// readAttribute notes one attribute. What follows MESSAGE-INTEGRITY is not covered by it and counts for nothing,
// except FINGERPRINT (RFC 8489 section 14.5); of repeated attributes the first counts.
func (c *Check) readAttribute(kind stun.AttrType, at int, value []byte) bool {
	switch {
	case kind == stun.AttrFingerprint:
		c.fingerprint = at
		return len(value) == fingerprintSize
	case c.integrity != 0:
	case kind == stun.AttrMessageIntegrity:
		c.integrity = at
		return len(value) == integritySize
	case kind == stun.AttrUsername:
		if c.username != nil {
			return true
		}
		c.username, c.colon = value, bytes.IndexByte(value, ':')
		return c.colon > 0 && c.colon <= MaxUfrag
	case kind == stun.AttrUseCandidate:
		c.nominates = true
	case kind == stun.AttrICEControlled:
		c.controlled = true
	case kind == stun.AttrPriority, !kind.Required():
	case c.unknowns < maxUnknown:
		c.unknown[c.unknowns] = kind
		c.unknowns++
	}
	return true
}

// Indication reports a keepalive: it carries no proof and is never answered (RFC 8445 section 11).
func (c *Check) Indication() bool { return c.indication }

// Local returns our ufrag out of USERNAME "ours:theirs"; empty without one. Looking it up in a map does not allocate.
func (c *Check) Local() string { return string(c.username[:c.colon]) }

// Names reports whether the whole USERNAME is "ours:theirs". RFC 8445 section 7.3 demands our part alone; the other
// part tells checks of an earlier session of the same client from those of this one.
func (c *Check) Names(ours, theirs string) bool {
	return c.username != nil && string(c.username[:c.colon]) == ours && string(c.username[c.colon+1:]) == theirs
}

// Verify checks MESSAGE-INTEGRITY, and FINGERPRINT where there is one. It covers USERNAME and everything else that
// this package reads. An empty password fits nothing.
func (c *Check) Verify(password string) error {
	if c.integrity == 0 || password == "" {
		return ErrIntegrity
	}
	if at := c.fingerprint; at != 0 &&
		binary.BigEndian.Uint32(c.raw[at+attributeHeader:]) != stun.FingerprintValue(c.raw[:at]) {
		return ErrFingerprint
	}
	end := c.integrity + attributeHeader + integritySize
	var header [headerSize]byte // hashed as if the message ended with MESSAGE-INTEGRITY
	copy(header[:], c.raw)
	binary.BigEndian.PutUint16(header[2:], uint16(end-headerSize))
	mac := hmac.New(sha1.New, []byte(password))
	mac.Write(header[:])
	mac.Write(c.raw[headerSize:c.integrity])
	if !hmac.Equal(mac.Sum(nil), c.raw[end-integritySize:end]) {
		return ErrIntegrity
	}
	return nil
}

// Accepted reports whether Reply is a success: only then is the check's address a way to its sender.
func (c *Check) Accepted() bool { return !c.indication && !c.controlled && c.unknowns == 0 }

// Nominates reports USE-CANDIDATE in an accepted check.
func (c *Check) Nominates() bool { return c.nominates && c.Accepted() }
