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
type Rewriter struct {
	clock   uint32
	history history

	current  Source // forwarded now
	target   Source // takes over at its next keyframe; 0 when nothing is awaited
	spans    spans  // of current
	tsShift  uint32 // of current
	past     past   // of current
	highest  uint64 // newest packet of current that was forwarded or left out
	keyframe uint64 // of current, the newest that began to go out
	thin     thin   // of current
	next     uint8  // temporal layers that target begins with

	started bool
	newest  edge
}

// edge is the newest packet that went out.
type edge struct {
	seq       uint16
	timestamp uint32
	arrival   time.Time
	captured  time.Time
	picture   uint16
	tl0       uint8
}

// NewRewriter makes a Rewriter without a source.
func NewRewriter(p Params) *Rewriter {
	return &Rewriter{
		clock:   p.ClockRate,
		history: newHistory(p.History),
		newest:  edge{seq: p.FirstSeq - 1, timestamp: p.FirstTimestamp},
	}
}

// Target wants src from now on, with all its temporal layers (Thin). The current source goes on until src's next
// keyframe. Target of the current source cancels a switch under way; Target(0) is Clear.
func (r *Rewriter) Target(src Source) {
	switch src {
	case 0:
		r.Clear()
	case r.current:
		r.target = 0
	default:
		r.history.open()
		r.target, r.next = src, AllLayers
	}
}

// Interrupt stops the current source at once; it or the target resumes at a keyframe. Use it after packets had
// to be dropped in the middle of a frame, so that the subscriber never gets a torn picture.
func (r *Rewriter) Interrupt() {
	if r.target == 0 {
		r.target, r.next = r.current, r.thin.limit
	}
	r.current = 0
}

// Clear drops current source and target. The stream stays continuous when a source comes later.
func (r *Rewriter) Clear() { r.current, r.target = 0, 0 }

// Current is the source being forwarded; 0 for none.
func (r *Rewriter) Current() Source { return r.current }

// Waiting is the source whose keyframe is awaited; 0 when there is nothing to wait for. While it is not 0 the
// caller keeps asking that source for a keyframe.
func (r *Rewriter) Waiting() Source { return r.target }

// Rewrite gives a packet of src its outgoing values. ok is false when the subscriber must not get it: it is not
// the source's turn, the packet is from before the switch, it went out or was left out already, it is padding, or its
// temporal layer is not wanted. scratch is used for a changed payload (VP8, VP9) and should have room for p.Payload;
// Out.Payload is valid as long as both are.
func (r *Rewriter) Rewrite(src Source, p *Packet, scratch []byte) (out Out, ok bool) {
	if src == 0 || src != r.current && src != r.target {
		return Out{}, false
	}
	if len(p.Payload) == 0 {
		r.Drop(src, p)
		return Out{}, false
	}
	switched := src == r.target && p.Newest && p.Keyframe
	if switched {
		r.begin(p)
	}
	if src != r.current {
		return Out{}, false
	}
	if p.Ext > r.highest && !r.thin.passes(p) {
		r.Drop(src, p)
		return Out{}, false
	}
	sp, ok := r.spans.find(p.Ext)
	if !ok {
		return Out{}, false
	}
	s := Sent{
		Source: src, Ext: p.Ext,
		seq: uint16(p.Ext) + sp.seq, timestamp: r.past.squeeze(p) + r.tsShift,
		picture: p.descriptor.pictureID(p.Payload) + sp.picture, tl0: p.descriptor.tl0PicIdx(p.Payload) + sp.tl0,
	}
	if r.history.has(s) {
		return Out{}, false // went out when its source was rewound
	}
	r.note(s, p)
	out = s.Again(p, scratch)
	out.Switched = switched
	return out, true
}

// begin hands over to the target at p, the first packet of a keyframe: its numbers follow the newest ones sent.
func (r *Rewriter) begin(p *Packet) {
	r.tsShift = r.nextTimestamp(p) - p.Timestamp
	r.spans.begin(span{
		first:   p.Ext,
		seq:     r.newest.seq + 1 - uint16(p.Ext),
		picture: r.newest.picture + 1 - p.descriptor.pictureID(p.Payload),
		tl0:     r.newest.tl0 + 1 - p.descriptor.tl0PicIdx(p.Payload),
	})
	r.current, r.target = r.target, 0
	r.highest, r.keyframe = p.Ext-1, p.Ext
	r.past = past{}
	r.thin = limited(r.next)
}

// note remembers what goes out.
func (r *Rewriter) note(s Sent, p *Packet) {
	r.history.put(s)
	if p.Ext <= r.highest {
		return
	}
	if p.Keyframe {
		r.keyframe = p.Ext
	}
	r.highest, r.started = p.Ext, true
	r.newest.seq, r.newest.timestamp = s.seq, s.timestamp
	r.newest.arrival, r.newest.captured = p.Arrival, p.Captured
	if p.descriptor.picture != 0 {
		r.newest.picture = s.picture
	}
	if p.descriptor.tl0 != 0 {
		r.newest.tl0 = s.tl0
	}
}

// Drop says that a packet of src is left out on purpose (congestion, a temporal layer not wanted). Later numbers
// close up, so that the subscriber sees no gap and sends no NACK for it. Only a whole frame that no other frame
// needs may be dropped; after anything else call Interrupt. Dropping a late packet leaves its gap as it is.
func (r *Rewriter) Drop(src Source, p *Packet) {
	if src == 0 || src != r.current || p.Ext <= r.highest {
		return
	}
	var pictures uint16
	var tl0 uint8
	if p.Start && p.descriptor.picture != 0 {
		pictures = 1
	}
	if p.Start && p.descriptor.tl0 != 0 && p.TemporalLayer == 0 {
		tl0 = 1
	}
	r.spans.close(p.Ext, pictures, tl0)
	r.highest = p.Ext
}

// Nack judges a question for what went out as seq. What is granted counts with Resent alone, so that a repair for which
// the link has no room now can be asked for again.
func (r *Rewriter) Nack(seq uint16, now time.Time, limits Limits) (Sent, Grant) {
	s := r.history.find(seq)
	switch {
	case s == nil || s.resends == forgotten || !r.history.settled(s, now, limits.Interval):
		return Sent{}, Refused
	case int(s.resends) < limits.Most && (limits.Life == 0 || r.age(s) <= limits.Life):
		return *s, Granted
	}
	s.resends = forgotten
	if s.Source != r.current || s.Ext < r.keyframe {
		return Sent{}, Refused // what is shown needs nothing of it
	}
	return *s, GivenUp
}

// Resent says that what Nack granted was sent.
func (r *Rewriter) Resent(s Sent, now time.Time) {
	if known := r.history.find(s.seq); known != nil {
		r.history.resent(known, now)
	}
}

// age is how far the stream has gone on since the packet behind s showed that s is missing: a screen that stands still
// is of use until something newer has come. It is measured as the subscriber plays it, so that a stretch sent at once
// (Rewind) is no older than the present.
func (r *Rewriter) age(s *Sent) time.Duration {
	next := r.history.find(s.seq + 1)
	if next == nil || !NewerTimestamp(r.newest.timestamp, next.timestamp) {
		return 0
	}
	return time.Duration(r.newest.timestamp-next.timestamp) * time.Second / time.Duration(r.clock)
}
