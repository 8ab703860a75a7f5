package munge

// AllLayers is a limit that leaves out no temporal layer.
const AllLayers = 0xff

// thin leaves out the frames of upper temporal layers of one VP8 source: no frame that goes out needs one of them (RFC
// 7741 section 4.2). A layer closes between two frames. It opens again at a keyframe, or at a frame that needs nothing
// but the lowest layer (Description.Sync), one layer after the other. The zero value lets only the lowest layer through.
type thin struct {
	limit     uint8 // highest layer wanted
	open      uint8 // highest layer that can be decoded
	timestamp uint32
	passing   bool // the frame of timestamp goes out
	began     bool // timestamp is of this source
}

// limited begins a source.
func limited(limit uint8) thin { return thin{limit: limit} }

// passes decides about a packet that is newer than all before it.
func (t *thin) passes(p *Packet) bool {
	if p.Format != VP8 {
		return true
	}
	if t.began && p.Timestamp == t.timestamp {
		return t.passing
	}
	t.began, t.timestamp = true, p.Timestamp
	layer := p.TemporalLayer
	switch {
	case p.Keyframe:
		t.open = t.limit
	case p.Start && p.Sync && layer == t.open+1 && layer <= t.limit:
		t.open = layer
	}
	t.open = min(t.open, t.limit)
	t.passing = layer <= t.open
	return t.passing
}

// narrowed reports whether a layer that is wanted still waits for its frame to open at.
func (t *thin) narrowed(highest uint8) bool { return t.open < min(t.limit, highest) }

// Thin says that of src only temporal layers up to top shall go out. It holds until src is left; the target of a switch
// begins with it. Other sources, and formats other than VP8, are not concerned.
func (r *Rewriter) Thin(src Source, top uint8) {
	switch src {
	case 0:
	case r.current:
		r.thin.limit = top
		if r.target == 0 {
			r.next = top // should it be interrupted
		}
	case r.target:
		r.next = top
	}
}

// Narrowed reports whether the current source, whose highest temporal layer is given, still goes out with fewer than
// wanted: the next one opens at a frame that its encoder may never make, but at any keyframe.
func (r *Rewriter) Narrowed(highest uint8) bool { return r.current != 0 && r.thin.narrowed(highest) }
