// Package red repeats audio in the packets that follow it (RFC 2198), so that a listener with loss misses little of it
// without waiting for a retransmission.
//
// An Encoder puts up to two older frames of Opus before the newest. Offsets are relative to the packet's timestamp, so
// one encoder serves all listeners of a microphone who use the same payload type for Opus. Parse reads such packets, and
// those of publishers; Samples tells how far their frames lie apart.
//
// Silence is safe: a frame of discontinuous transmission holds nothing worth repeating, and what lies too far back for
// an offset, before a pause, is left out.
//
// Pure, nothing allocates. An Encoder is not safe for concurrent use.
package red

// What is repeated at most.
const (
	Distance  = 2         // older frames in a packet
	MaxOffset = 1<<14 - 1 // in units of the timestamp: what fits into a block's header (RFC 2198 section 3)
	MaxLength = 1<<10 - 1 // in octets, likewise
)

const (
	headerSize  = 4 // of a repeated block
	primarySize = 1 // of the newest
	follows     = 1 << 7

	// silence is the longest Opus frame without sound (RFC 6716 section 3.2.1): the description of a frame that is
	// not there.
	silence = 2
)
