package peer

import "encoding/binary"

const (
	headerSize = 12
	// oneByte is the profile of header extensions with one-byte headers (RFC 8285 section 4.2).
	oneByte = 0xbede
	// reservedID ends the reading of extensions.
	reservedID = 15
)

// packet is an RTP packet with its header read as far as its way through the relay needs.
type packet struct {
	raw         []byte
	header      int // octets, extensions included
	ssrc        uint32
	payloadType uint8
	extensions  []byte
}

// parse reads a header (RFC 3550 section 5.1). ok is false when the packet ends inside it.
func parse(raw []byte) (p packet, ok bool) {
	if len(raw) < headerSize || raw[0]>>6 != 2 {
		return p, false
	}
	p = packet{
		raw:         raw,
		header:      headerSize + 4*int(raw[0]&0x0f),
		ssrc:        binary.BigEndian.Uint32(raw[8:]),
		payloadType: raw[1] & 0x7f,
	}
	if raw[0]&0x10 != 0 {
		at := p.header
		if len(raw) < at+4 {
			return p, false
		}
		size := 4 * int(binary.BigEndian.Uint16(raw[at+2:]))
		p.header = at + 4 + size
		if len(raw) < p.header {
			return p, false
		}
		if binary.BigEndian.Uint16(raw[at:]) == oneByte {
			p.extensions = raw[at+4 : p.header]
		}
	}
	return p, len(raw) >= p.header
}

// extension is the value of a header extension; nil for one that is absent, and for id 0.
func (p *packet) extension(id uint8) []byte {
	for rest := p.extensions; id != 0 && len(rest) > 0; {
		if rest[0] == 0 { // padding
			rest = rest[1:]
			continue
		}
		size := 1 + int(rest[0]&0x0f) + 1
		if rest[0]>>4 == reservedID || size > len(rest) {
			return nil
		}
		if rest[0]>>4 == id {
			return rest[1:size]
		}
		rest = rest[size:]
	}
	return nil
}

// restore makes a retransmission the packet that it repeats (RFC 4588 section 4), in place. ok is false for one that
// carries nothing: padding, which browsers send to probe.
func (p *packet) restore(ssrc uint32, payloadType uint8) (raw []byte, ok bool) {
	const original = 2 // octets of the original sequence number
	if len(p.raw) <= p.header+original {
		return nil, false
	}
	seq := binary.BigEndian.Uint16(p.raw[p.header:])
	copy(p.raw[original:], p.raw[:p.header])
	raw = p.raw[original:]
	raw[1] = raw[1]&0x80 | payloadType
	binary.BigEndian.PutUint16(raw[2:], seq)
	binary.BigEndian.PutUint32(raw[8:], ssrc)
	return raw, true
}
