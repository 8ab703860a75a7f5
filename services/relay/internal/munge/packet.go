package munge

import "time"

// Packet is one incoming packet as all subscriptions of its layer see it: parsed once, never written to.
type Packet struct {
	// Ext is the extended sequence number from Dedup; its lower 16 bits went over the wire.
	Ext uint64
	// Newest: Dedup's verdict was Newest.
	Newest    bool
	Timestamp uint32
	Marker    bool
	// Arrival is when the packet reached the relay.
	Arrival time.Time
	// Captured is when the picture or sound was taken, on the relay's clock (report.Inbound.Captured).
	// Zero when no sender report has come yet.
	Captured time.Time
	Format   Format
	Description
	// Payload is shared. Empty payload is padding and is dropped by every Rewriter without leaving a gap.
	Payload []byte
}

// Out is what a subscriber gets: the values of its RTP header that the relay decides, and the payload.
type Out struct {
	Seq       uint16
	Timestamp uint32
	Marker    bool
	// Payload is the packet's own payload where nothing changed in it, else a copy in the caller's scratch.
	Payload []byte
	// Switched: this packet is the first of a new source.
	Switched bool
}
