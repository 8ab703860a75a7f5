package wire

import (
	"encoding/binary"
	"errors"
	"io"
)

// frameHeader is the length that goes before each datagram on a TCP connection (RFC 4571 section 2).
const frameHeader = 2

// errFrameTooLong ends a connection: what follows cannot be told apart from the rest of that frame.
var errFrameTooLong = errors.New("frame longer than a datagram may be")

func putFrameHeader(frame []byte, n int) { binary.BigEndian.PutUint16(frame, uint16(n)) }

// deframer cuts a byte stream into datagrams.
type deframer struct {
	source io.Reader
	// buffer[start:end] is read but not yet handed out.
	buffer     [frameHeader + MTU]byte
	start, end int
}

// next returns the next datagram, valid until the next call. After an error of the source it can be called again and
// goes on where it was. Empty frames are skipped (RFC 4571 section 2).
func (d *deframer) next() ([]byte, error) {
	for {
		frame, err := d.cut()
		if frame != nil || err != nil {
			return frame, err
		}
		copy(d.buffer[:], d.buffer[d.start:d.end])
		d.start, d.end = 0, d.end-d.start
		n, err := d.source.Read(d.buffer[d.end:])
		d.end += n
		if err != nil && n == 0 {
			return nil, err
		}
	}
}

// cut takes a whole frame out of the buffer, or nil if there is none.
func (d *deframer) cut() ([]byte, error) {
	for d.end-d.start >= frameHeader {
		body := d.start + frameHeader
		n := int(binary.BigEndian.Uint16(d.buffer[d.start:]))
		switch {
		case n > MTU:
			return nil, errFrameTooLong
		case body+n > d.end:
			return nil, nil
		}
		d.start = body + n
		if n > 0 {
			return d.buffer[body:d.start:d.start], nil
		}
	}
	return nil, nil
}
