package twcc

import (
	"encoding/binary"
	"errors"
)

// Errors of Parse.
var (
	ErrFormat    = errors.New("twcc: not a transport-wide feedback packet")
	ErrTruncated = errors.New("twcc: feedback ends before what it announces")
	ErrSymbol    = errors.New("twcc: reserved status symbol")
)

// Status is what a feedback packet tells of one packet.
type Status struct {
	Seq      uint16
	Received bool
	At       Ticks // when received
}

// Report reads one feedback packet: fields for the whole, Next for the packets. It refers to the bytes given to Parse.
type Report struct {
	Sender, Media uint32
	Count         uint8  // of feedback packets, wraps
	Base          uint16 // sequence number of the first status
	Statuses      int    // how many are told; 1 to 2048

	chunks cursor
	deltas []byte
	at     Ticks
	seq    uint16
	left   int
}

// Parse takes one RTCP packet, header included. All of it is checked here, so that Next cannot fail.
func Parse(packet []byte) (Report, error) {
	if len(packet) < headerSize || packet[0]>>6 != version || packet[0]&31 != format || packet[1] != payloadType {
		return Report{}, ErrFormat
	}
	size := 4 * (int(binary.BigEndian.Uint16(packet[2:])) + 1)
	if size < headerSize || size > len(packet) {
		return Report{}, ErrTruncated
	}
	body, err := unpad(packet[:size])
	if err != nil {
		return Report{}, err
	}
	r := Report{
		Sender: binary.BigEndian.Uint32(packet[4:]),
		Media:  binary.BigEndian.Uint32(packet[8:]),
		Base:   binary.BigEndian.Uint16(packet[12:]),
		Count:  packet[19],
	}
	r.Statuses = int(binary.BigEndian.Uint16(packet[14:]))
	r.at = Ticks(binary.BigEndian.Uint32(packet[16:])>>8) * ticksPerReference
	r.seq, r.left = r.Base, r.Statuses
	if r.chunks, r.deltas, err = split(body, r.Statuses); err != nil {
		return Report{}, err
	}
	return r, nil
}

// unpad gives what stands between the header and the padding.
func unpad(packet []byte) ([]byte, error) {
	end := len(packet)
	if packet[0]&paddingFlag != 0 {
		end -= int(packet[end-1])
		if end < headerSize || end == len(packet) {
			return nil, ErrTruncated
		}
	}
	return packet[headerSize:end], nil
}

// maxTold bounds what one feedback packet may tell: seven seconds of 3 Mbit/s. A few octets can claim 65,535 statuses,
// and looking at them one by one costs as much as forwarding a hundred packets.
const maxTold = 2048

// split finds where the chunks end and checks that the deltas that they announce are there.
func split(body []byte, statuses int) (cursor, []byte, error) {
	if statuses == 0 || statuses > maxTold {
		return cursor{}, nil, ErrFormat
	}
	c, needed := cursor{rest: body}, 0
	for range statuses {
		s, ok := c.next()
		if !ok {
			return cursor{}, nil, ErrTruncated
		}
		switch s {
		case short:
			needed += shortDelta
		case long:
			needed += longDelta
		case reserved:
			return cursor{}, nil, ErrSymbol
		}
	}
	if len(c.rest) < needed {
		return cursor{}, nil, ErrTruncated
	}
	return cursor{rest: body}, c.rest, nil
}

// Next gives the statuses in the order of sequence numbers; false after the last.
func (r *Report) Next() (Status, bool) {
	if r.left == 0 {
		return Status{}, false
	}
	s := Status{Seq: r.seq}
	r.seq++
	r.left--
	switch kind, _ := r.chunks.next(); kind {
	case short:
		r.at += Ticks(r.deltas[0])
		r.deltas = r.deltas[shortDelta:]
	case long:
		r.at += Ticks(int16(binary.BigEndian.Uint16(r.deltas)))
		r.deltas = r.deltas[longDelta:]
	default:
		return s, true
	}
	s.Received, s.At = true, r.at
	return s, true
}

// cursor walks the symbols of chunks.
type cursor struct {
	rest  []byte
	chunk uint16
	left  int // symbols of the chunk that are still to come
}

func (c *cursor) next() (symbol, bool) {
	if c.left == 0 {
		if len(c.rest) < chunkSize {
			return absent, false
		}
		c.chunk = binary.BigEndian.Uint16(c.rest)
		c.rest = c.rest[chunkSize:]
		switch c.chunk >> 14 {
		case 0b10:
			c.left = oneBit
		case 0b11:
			c.left = twoBit
		default:
			c.left = int(c.chunk & maxRun)
		}
		if c.left == 0 {
			return absent, false // a run of none: nothing that an honest sender writes
		}
	}
	c.left--
	switch c.chunk >> 14 {
	case 0b10:
		return symbol(c.chunk >> c.left & 1), true
	case 0b11:
		return symbol(c.chunk >> (2 * c.left) & 3), true
	default:
		return symbol(c.chunk >> 13 & 3), true
	}
}
