package munge

// squeezed is the part of leastStep that a rewound stretch takes up: half of it, so that its first frame still comes
// after the newest one of the former source.
const squeezed = leastStep * 2

// past is a stretch of the current source that goes out at once, long after it was captured. Its frames get
// timestamps close together, so that the receiver hurries through them to the present instead of staying behind it
// by the stretch's length.
type past struct {
	last      uint64 // newest packet of the stretch; 0 for none
	timestamp uint32 // incoming, of last
	span      uint32 // incoming ticks between the stretch's first packet and last
	room      uint32 // outgoing ticks for span
}

// Rewind lets src, which must be awaited, take over at first, the first packet of a keyframe although newer packets
// have arrived since; last is the newest of them. The caller then hands first, last and all that lies between, as
// far as it has them, to Rewrite, in order; it needs first's payload here too. What Rewrite is given a second time,
// because it was on its way to it meanwhile, does not go out again. ok is false when src is not awaited or first
// starts no keyframe.
func (r *Rewriter) Rewind(src Source, first, last *Packet) (ok bool) {
	if src == 0 || src != r.target || !first.Keyframe || len(first.Payload) == 0 || last.Ext < first.Ext {
		return false
	}
	present := r.nextTimestamp(last)
	r.begin(first)
	r.tsShift = present - last.Timestamp
	span := last.Timestamp - first.Timestamp
	if room := r.clock / squeezed; NewerTimestamp(last.Timestamp, first.Timestamp) && span > room {
		r.past = past{last: last.Ext, timestamp: last.Timestamp, span: span, room: room}
	}
	return true
}

// squeeze is the incoming timestamp of p, moved towards the end of the past if p belongs to it.
func (s *past) squeeze(p *Packet) uint32 {
	if p.Ext > s.last || !NewerTimestamp(s.timestamp, p.Timestamp) {
		return p.Timestamp
	}
	behind := min(s.timestamp-p.Timestamp, s.span)
	return s.timestamp - uint32(uint64(behind)*uint64(s.room)/uint64(s.span))
}
