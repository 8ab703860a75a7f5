// Package munge makes what a subscriber receives look like one unbroken stream, although behind it simulcast
// layers, sources, publishers and even codecs change.
//
// The story of a packet: it arrives on a layer. The layer's Dedup drops what was seen before (Pion hands RTX
// and probing padding back as ordinary packets) and extends the sequence number. Describe reads the payload's
// first bytes once, for all subscribers. The result is a Packet. Each subscription owns a Rewriter, which gives
// the packet its outgoing sequence number, timestamp and, for VP8 and VP9, picture id, and remembers what it gave: when
// the subscriber asks for it again (NACK), Rewriter.Nack finds the packet behind an outgoing number, so that one
// packet cache per layer serves all subscribers.
//
// A source takes over at the first packet of a keyframe that is newer than all before it on its layer; until
// then the old source goes on. A subscription that comes later may be rewound to a keyframe of the near past, whose
// packets the cache still holds. Audio takes over at any new packet.
//
// Everything here is arithmetic on values: no goroutines, no clocks (times come with the packets), no
// allocation on the packet's way. Nothing is safe for concurrent use; a subscription's lock guards its
// Rewriter, a layer's read loop owns its Dedup.
package munge
