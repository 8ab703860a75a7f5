package munge

import "time"

// Source is a layer as a Rewriter knows it: a number unique among the layers that it may ever be fed from.
// 0 is no source.
type Source uint32

// Params of a Rewriter.
type Params struct {
	// ClockRate of the stream in Hz: 90000 for video, 48000 for Opus.
	ClockRate uint32
	// History is how many sent packets can be asked for again; rounded up to a power of two. 0: 512.
	History int
	// FirstSeq and FirstTimestamp begin the outgoing stream. Random ones are good practice (RFC 3550
	// section 5.1).
	FirstSeq       uint16
	FirstTimestamp uint32
}

// Rewriter is the outgoing side of one subscription.
type Rewriter struct{}

// NewRewriter makes a Rewriter without a source.
func NewRewriter(p Params) *Rewriter { return &Rewriter{} }

// Target wants src from now on. The current source goes on until src's next keyframe. Target of the current
// source cancels a switch under way; Target(0) is Clear.
func (r *Rewriter) Target(src Source) {}

// Interrupt stops the current source at once; it or the target resumes at a keyframe. Use it after packets had
// to be dropped in the middle of a frame, so that the subscriber never gets a torn picture.
func (r *Rewriter) Interrupt() {}

// Clear drops current source and target. The stream stays continuous when a source comes later.
func (r *Rewriter) Clear() {}

// Current is the source being forwarded; 0 for none.
func (r *Rewriter) Current() Source { return 0 }

// Waiting is the source whose keyframe is awaited; 0 when there is nothing to wait for. While it is not 0 the
// caller keeps asking that source for a keyframe.
func (r *Rewriter) Waiting() Source { return 0 }

// Rewrite gives a packet of src its outgoing values. ok is false when the subscriber must not get it: it is not
// the source's turn, the packet is from before the switch, or it is padding. scratch is used for a changed
// payload (VP8) and should have room for p.Payload; Out.Payload is valid as long as both are.
func (r *Rewriter) Rewrite(src Source, p *Packet, scratch []byte) (out Out, ok bool) {
	return Out{}, false
}

// Drop says that a packet of src is left out on purpose (congestion, a temporal layer not wanted). Later numbers
// close up, so that the subscriber sees no gap and sends no NACK for it. Only a whole frame that no other frame
// needs may be dropped; after anything else call Interrupt.
func (r *Rewriter) Drop(src Source, p *Packet) {}

// Sent is the memory of one outgoing packet, found by its outgoing sequence number.
type Sent struct {
	// Source and Ext find the packet in the layer's cache.
	Source Source
	Ext    uint64
}

// Nack finds what went out as seq. ok is false when seq is unknown or too old, was sent again less than
// interval ago, or has been sent again too often (10 times): a subscriber on a thin link cannot make the relay
// flood it. Pass the round-trip time, at least 10 ms or so, as interval.
func (r *Rewriter) Nack(seq uint16, now time.Time, interval time.Duration) (s Sent, ok bool) {
	return Sent{}, false
}

// Again rebuilds the packet exactly as it went out the first time. p needs Format, Description, Marker and
// Payload as the cache kept them.
func (s Sent) Again(p *Packet, scratch []byte) Out { return Out{} }
