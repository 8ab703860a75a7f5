package forward

import (
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// Burst is what one read of a socket has brought. Packets are taken into their layers as they come and forwarded
// together, slot by slot, so that those for one participant leave in one piece. It belongs to one goroutine, is used
// again after Forward, and allocates nothing once it has grown. The zero value is empty.
type Burst struct {
	runs []run
	used int
}

// run are the packets of one layer.
type run struct {
	layer   *Layer
	packets []munge.Packet
	repeats repeats // of sound
}

// Add takes an RTP packet as it came over the wire; raw stays untouched until Forward has returned. Malformed and
// repeated packets are dropped.
func (b *Burst) Add(l *Layer, raw []byte, now time.Time) {
	l.take(raw, now, b.run(l))
}

// run finds the packets of a layer, newest first: what belongs together comes together.
func (b *Burst) run(l *Layer) *run {
	for i := b.used - 1; i >= 0; i-- {
		if b.runs[i].layer == l {
			return &b.runs[i]
		}
	}
	if b.used == len(b.runs) {
		b.runs = append(b.runs, run{})
	}
	b.used++
	r := &b.runs[b.used-1]
	r.layer = l
	return r
}

// Forward writes everything to the slots that carry it and empties the burst.
func (b *Burst) Forward(out *wire.Batch) {
	for i := range b.runs[:b.used] {
		r := &b.runs[i]
		if len(r.packets) > 0 {
			for _, s := range *r.layer.slots.Load() {
				s.write(r, out)
			}
		}
		r.layer, r.packets = nil, r.packets[:0]
		r.repeats.clear()
	}
	b.used = 0
}
