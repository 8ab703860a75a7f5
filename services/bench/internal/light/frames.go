package light

import "time"

const (
	// freeze is the gap between two frames that a viewer notices.
	freeze = 200 * time.Millisecond
	// stuck is how long a decoder waits for a missing packet before it asks for a keyframe.
	stuck = 500 * time.Millisecond
	// beginning is the same before there is a picture at all.
	beginning = 200 * time.Millisecond
	// maxParts bounds what waits to be decoded.
	maxParts = 4096
)

// part is what a packet is of a frame.
type part struct{ padding, first, last, key bool }

// decoder plays a decoder: it takes frames in the order of their packets, and after a gap begins anew with a keyframe.
type decoder struct {
	parts    map[uint64]part
	keys     []uint64 // first packets of keyframes that wait
	running  bool
	next     uint64 // the packet that has to come next
	progress time.Time
	shown    time.Time // when the newest frame was decoded
	frames   uint64
	freezes  uint64
	frozen   time.Duration
}

func newDecoder() *decoder { return &decoder{parts: map[uint64]part{}} }

// add takes a packet and reports whether a frame could be decoded.
func (d *decoder) add(ext uint64, p part, now time.Time) bool {
	if d.running && ext < d.next || len(d.parts) >= maxParts {
		return false
	}
	d.parts[ext] = p
	if p.key && p.first {
		d.keys = append(d.keys, ext)
	}
	before := d.frames
	for d.advance(now) || d.jump(now) {
	}
	return d.frames > before
}

// advance decodes the frame that is next, when it is whole.
func (d *decoder) advance(now time.Time) bool {
	if !d.running {
		return false
	}
	for d.parts[d.next].padding {
		delete(d.parts, d.next)
		d.next++
	}
	if p, ok := d.parts[d.next]; !ok || !p.first {
		return false
	}
	end, whole := d.whole(d.next)
	if whole {
		d.decoded(end, now)
	}
	return whole
}

// jump decodes a keyframe that is whole although something before it is missing.
func (d *decoder) jump(now time.Time) bool {
	for i, key := range d.keys {
		if d.running && key <= d.next {
			continue
		}
		if end, ok := d.whole(key); ok {
			d.keys = d.keys[i+1:]
			d.running = true
			d.decoded(end, now)
			return true
		}
	}
	return false
}

// whole finds the last packet of the frame that begins at first.
func (d *decoder) whole(first uint64) (uint64, bool) {
	for n := first; ; n++ {
		p, ok := d.parts[n]
		if !ok {
			return 0, false
		}
		if p.last {
			return n, true
		}
	}
}

func (d *decoder) decoded(end uint64, now time.Time) {
	for n := range d.parts {
		if n <= end {
			delete(d.parts, n)
		}
	}
	d.next = end + 1
	d.frames++
	if gap := now.Sub(d.shown); !d.shown.IsZero() && gap > freeze {
		d.freezes++
		d.frozen += gap
	}
	d.shown, d.progress = now, now
}

// wantsKeyframe reports whether the decoder cannot go on by itself.
func (d *decoder) wantsKeyframe(now time.Time) bool {
	patience := stuck
	if !d.running {
		patience = beginning
	}
	waits := len(d.parts) > 0 && now.Sub(d.progress) > patience
	if waits {
		d.progress = now // ask again after as long
	}
	return waits
}
