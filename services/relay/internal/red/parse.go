package red

import "errors"

// Errors of Parse.
var (
	ErrTruncated = errors.New("red: payload ends before what it announces")
	ErrTooMany   = errors.New("red: too many blocks")
)

// maxBlocks bounds the blocks of a packet; browsers send at most nine.
const maxBlocks = 16

// Block is one frame of a packet.
type Block struct {
	PayloadType uint8
	Offset      uint32 // how far its timestamp lies before the packet's
	Payload     []byte
	Primary     bool // the newest, and the last
}

// Blocks walks the frames of a packet, oldest first as they stand there. It refers to the bytes given to Parse.
type Blocks struct {
	headers, data []byte
}

// Parse takes the payload of a packet of type audio/red. All of it is checked here, so that Next cannot fail.
func Parse(payload []byte) (Blocks, error) {
	size, repeated := 0, 0
	for n := 0; ; n++ {
		if size >= len(payload) {
			return Blocks{}, ErrTruncated
		}
		if payload[size]&follows == 0 {
			break
		}
		if n >= maxBlocks-1 {
			return Blocks{}, ErrTooMany
		}
		if len(payload)-size < headerSize {
			return Blocks{}, ErrTruncated
		}
		repeated += length(payload[size:])
		size += headerSize
	}
	size += primarySize
	if len(payload)-size < repeated {
		return Blocks{}, ErrTruncated
	}
	return Blocks{headers: payload[:size], data: payload[size:]}, nil
}

// length is that of a repeated block, out of its header.
func length(header []byte) int { return int(header[2]&3)<<8 | int(header[3]) }

// Next gives the frames; false after the primary one.
func (b *Blocks) Next() (Block, bool) {
	switch {
	case len(b.headers) == 0:
		return Block{}, false
	case len(b.headers) == primarySize:
		block := Block{PayloadType: b.headers[0], Payload: b.data, Primary: true}
		b.headers = nil
		return block, true
	}
	h, n := b.headers, length(b.headers)
	block := Block{PayloadType: h[0] &^ follows, Offset: uint32(h[1])<<6 | uint32(h[2])>>2, Payload: b.data[:n:n]}
	b.headers, b.data = h[headerSize:], b.data[n:]
	return block, true
}

// Primary is the newest frame.
func (b *Blocks) Primary() Block {
	rest := *b
	var newest Block
	for block, ok := rest.Next(); ok; block, ok = rest.Next() {
		newest = block
	}
	return newest
}
