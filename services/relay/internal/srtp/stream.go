package srtp

import "encoding/binary"

const (
	sealWindow = 2048 // how late an outgoing packet may be
	maxIndex   = 1<<48 - 1
)

// Stream is one outgoing SSRC.
//
// The rollover counter begins at 0, and a receiver takes it to be 0 at the first packet that reaches it: begin below
// 2^15, so that a loss at the start cannot hide a rollover (RFC 3711 section 3.3.1).
type Stream struct {
	ssrc uint32
	out  protection
	used *window
}

// Overhead is how many bytes sealing adds at the end of a packet.
func (s *Stream) Overhead() int { return s.out.overhead() }

// Seal protects a packet in place. The packet is an RTP header of the given length (with its extension), the payload
// (with its padding) and Overhead bytes of room. Its number may be ahead of the newest by less than 2^15 and behind by
// less than 2048. A number is sealed once, whatever the content: two packets under one GCM nonce give away the key
// that authenticates all others. A retransmission goes by the repair stream, or is the sealed bytes once more.
func (s *Stream) Seal(packet []byte, header int) error {
	if header < rtpHeader || len(packet) < header+s.out.overhead() || binary.BigEndian.Uint32(packet[8:]) != s.ssrc {
		return ErrMalformed
	}
	index, ok := s.used.extend(binary.BigEndian.Uint16(packet[2:]))
	if !ok || !s.used.fresh(index) {
		return ErrReuse
	}
	if index > maxIndex {
		return ErrExhausted
	}
	s.used.use(index) // before sealing: a number that fails is used up too
	return s.out.seal(packet, header, s.ssrc, index)
}
