package sctp

import (
	"encoding/binary"
	"hash/crc32"
)

// Sizes in octets.
const (
	packetHeader = 12
	chunkHeader  = 4
	dataHeader   = 16 // of a DATA chunk, the chunk's header among it
	sackHeader   = 16 // of a SACK chunk, the chunk's header among it
	paramHeader  = 4
	initBody     = 16 // of an INIT or INIT ACK before its parameters
)

// Kinds of chunks (RFC 9260 section 3.2, RFC 3758, RFC 6525). The upper two bits tell what becomes of unknown ones.
const (
	chunkData             = 0
	chunkInit             = 1
	chunkInitAck          = 2
	chunkSACK             = 3
	chunkHeartbeat        = 4
	chunkHeartbeatAck     = 5
	chunkAbort            = 6
	chunkShutdown         = 7
	chunkShutdownAck      = 8
	chunkError            = 9
	chunkCookieEcho       = 10
	chunkCookieAck        = 11
	chunkShutdownComplete = 14
	chunkReconfig         = 130
	chunkForwardTSN       = 192

	unknownSkip   = 0x80 // go on with the next chunk of the packet
	unknownReport = 0x40
)

// Flags of chunks.
const (
	flagEnd       = 1
	flagBegin     = 2
	flagUnordered = 4
	flagAtOnce    = 8 // of DATA: to be acknowledged at once (RFC 7053)
	flagReflected = 1 // of ABORT and SHUTDOWN COMPLETE: with the tag of what they answer
)

// Causes of errors (RFC 9260 section 3.3.10).
const (
	causeResources    = 4
	causeUnknownChunk = 6
	causeUser         = 12
	causeViolation    = 13
)

// header is what a packet begins with, after its checksum has been found right.
type header struct {
	source, dest uint16
	tag          uint32
}

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	noChecksum = []byte{0, 0, 0, 0} // not a local variable, which crc32 would move to the heap
)

// checksum is the CRC32c of a packet whose own field counts as zero (RFC 9260 section 6.8).
func checksum(packet []byte) uint32 {
	sum := crc32.Update(0, castagnoli, packet[:8])
	sum = crc32.Update(sum, castagnoli, noChecksum)
	return crc32.Update(sum, castagnoli, packet[packetHeader:])
}

// open checks a packet and returns its header and its chunks.
func open(packet []byte) (header, []byte, error) {
	if len(packet) < packetHeader+chunkHeader {
		return header{}, nil, ErrMalformed
	}
	if binary.LittleEndian.Uint32(packet[8:]) != checksum(packet) {
		return header{}, nil, ErrChecksum
	}
	return header{
		source: binary.BigEndian.Uint16(packet),
		dest:   binary.BigEndian.Uint16(packet[2:]),
		tag:    binary.BigEndian.Uint32(packet[4:]),
	}, packet[packetHeader:], nil
}

// appendHeader begins a packet. Its checksum is written by seal.
func appendHeader(b []byte, h header) []byte {
	b = binary.BigEndian.AppendUint16(b, h.source)
	b = binary.BigEndian.AppendUint16(b, h.dest)
	b = binary.BigEndian.AppendUint32(b, h.tag)
	return append(b, 0, 0, 0, 0)
}

func seal(packet []byte) { binary.LittleEndian.PutUint32(packet[8:], checksum(packet)) }

// chunk is one chunk of a packet and refers to it.
type chunk struct {
	kind, flags byte
	body        []byte
	whole       []byte // with its header, without padding
}

// nextChunk takes the first chunk off what is left of a packet. The last one's padding may be missing.
func nextChunk(rest []byte) (c chunk, after []byte, ok bool) {
	if len(rest) < chunkHeader {
		return chunk{}, nil, false
	}
	length := int(binary.BigEndian.Uint16(rest[2:]))
	if length < chunkHeader || length > len(rest) {
		return chunk{}, nil, false
	}
	c = chunk{kind: rest[0], flags: rest[1], body: rest[chunkHeader:length], whole: rest[:length]}
	return c, rest[min(padded(length), len(rest)):], true
}

// appendChunk writes a chunk without flags, with its padding.
func appendChunk(b []byte, kind byte, body []byte) []byte {
	b = append(b, kind, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(chunkHeader+len(body)))
	return pad(append(b, body...), len(body))
}

// param is a parameter of an INIT or RE-CONFIG chunk and refers to it.
type param struct {
	kind  uint16
	value []byte
	whole []byte // with its header, without padding
}

// nextParam takes the first parameter off what is left of a chunk. The last one's padding may be missing.
func nextParam(rest []byte) (p param, after []byte, ok bool) {
	if len(rest) < paramHeader {
		return param{}, nil, false
	}
	length := int(binary.BigEndian.Uint16(rest[2:]))
	if length < paramHeader || length > len(rest) {
		return param{}, nil, false
	}
	p = param{kind: binary.BigEndian.Uint16(rest), value: rest[paramHeader:length], whole: rest[:length]}
	return p, rest[min(padded(length), len(rest)):], true
}

// appendParam writes a parameter with its padding.
func appendParam(b []byte, kind uint16, value []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(paramHeader+len(value)))
	return pad(append(b, value...), len(value))
}

// padded is a length with its padding to four octets.
func padded(length int) int { return (length + 3) &^ 3 }

func pad(b []byte, length int) []byte {
	for range padded(length) - length {
		b = append(b, 0)
	}
	return b
}

// before tells which of two TSNs is the older one (RFC 1982).
func before(a, b uint32) bool { return int32(a-b) < 0 }

// before16 does so for numbers of messages within a stream.
func before16(a, b uint16) bool { return int16(a-b) < 0 }
