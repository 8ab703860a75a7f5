package peer

import "time"

// sealedKept is how many packets of sound can be sent once more: more than are of use, at 20 ms a packet.
const sealedKept = 16

// sealed are the latest packets of one stream as they went out. Sound has no stream for repairs, and a number must not
// be sealed twice (package srtp): what is lost is sent again octet by octet.
type sealed struct{ packets [sealedKept]sealedPacket }

type sealedPacket struct {
	seq    uint16
	number uint16 // transport-wide
	at     time.Time
	octets []byte // none before the first
}

// keep remembers a packet. It allocates until the memory of each place has grown to the size of the packets.
func (s *sealed) keep(seq, number uint16, at time.Time, octets []byte) {
	p := &s.packets[seq%sealedKept]
	p.seq, p.number, p.at = seq, number, at
	p.octets = append(p.octets[:0], octets...)
}

// find is a packet that went out at some time or later; nil for one that is not kept.
func (s *sealed) find(seq uint16, since time.Time) *sealedPacket {
	p := &s.packets[seq%sealedKept]
	if p.seq != seq || len(p.octets) == 0 || p.at.Before(since) {
		return nil
	}
	return p
}
