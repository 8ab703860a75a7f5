package forward

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// Burst is what one read of a socket has brought. Packets are taken into their layers as they come and forwarded
// together, slot by slot, so that those for one participant leave in one piece. It belongs to one goroutine, is used
// again after Forward, and allocates nothing once it has grown, but for those who help with a large one. The zero value
// is empty.
type Burst struct {
	runs []run
	used int

	taken   atomic.Int32 // parts of the slots, by those who write
	helpers sync.WaitGroup
}

const (
	// shared is how many packets to slots are worth a helper: some two milliseconds of work, where to wake one takes
	// some hundredths of one.
	shared = 250
	// partWork is how many packets to slots are taken at a time.
	partWork = 80
)

// run are the packets of one layer.
type run struct {
	layer   *Layer
	packets []munge.Packet
	repeats repeats // of sound
	slots   []*slot // that the layer is attached to, while it is forwarded
	part    int     // how many of them are taken at a time
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

// Forward writes everything to the slots that carry it and empties the burst. Where that are many packets, others help:
// else a large lesson would have no more than one processor. What goes to one slot from one layer keeps its order, and
// all has left or is in out when Forward returns.
func (b *Burst) Forward(out *wire.Batch) {
	if work, parts := b.measure(); work >= shared && parts > 1 {
		for range min(work/shared, parts-1, runtime.GOMAXPROCS(0)-1) {
			b.helpers.Go(func() { b.help(out) })
		}
		b.write(out)
		if out != nil {
			out.Flush() // what is ready need not wait for the others
		}
		b.helpers.Wait()
	} else {
		b.write(out)
	}
	b.clear()
}

// measure divides the slots into parts of about as much work.
func (b *Burst) measure() (work, parts int) {
	for i := range b.runs[:b.used] {
		r := &b.runs[i]
		if len(r.packets) == 0 {
			continue
		}
		r.slots = *r.layer.slots.Load()
		r.part = max(1, partWork/len(r.packets))
		work += len(r.packets) * len(r.slots)
		parts += r.parts()
	}
	return work, parts
}

func (b *Burst) clear() {
	for i := range b.runs[:b.used] {
		r := &b.runs[i]
		r.layer, r.packets, r.slots = nil, r.packets[:0], nil
		r.repeats.clear()
	}
	b.used = 0
	b.taken.Store(0)
}

// help writes beside the goroutine that owns the burst.
func (b *Burst) help(out *wire.Batch) {
	if out == nil {
		b.write(nil)
		return
	}
	own := out.Beside()
	b.write(own)
	own.Return() // not deferred: after a panic there may be a packet in it that is not sealed
}

// write takes parts of the slots until none is left.
func (b *Burst) write(out *wire.Batch) {
	for {
		r, slots := b.part(int(b.taken.Add(1)) - 1)
		if r == nil {
			return
		}
		for _, s := range slots {
			s.write(r, out)
		}
	}
}

// part is the nth part of all slots; none beyond the last.
func (b *Burst) part(n int) (*run, []*slot) {
	for i := range b.runs[:b.used] {
		r := &b.runs[i]
		parts := r.parts()
		if n < parts {
			return r, r.slots[n*r.part : min((n+1)*r.part, len(r.slots))]
		}
		n -= parts
	}
	return nil, nil
}

// parts is how many parts its slots are taken in.
func (r *run) parts() int {
	if len(r.slots) == 0 {
		return 0
	}
	return (len(r.slots) + r.part - 1) / r.part
}
