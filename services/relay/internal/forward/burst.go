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
	// partSize is how many slots are taken at a time.
	partSize = 16
)

// run are the packets of one layer.
type run struct {
	layer   *Layer
	packets []munge.Packet
	repeats repeats // of sound
	slots   []*slot // that the layer is attached to, while it is forwarded
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

// Forward writes everything to the slots that carry it and empties the burst. Where that are many packets, processors
// that rest help: else a large lesson would have no more than one of them. What goes to one slot from one layer keeps
// its order, and all has left or is in out when Forward returns.
func (b *Burst) Forward(out *wire.Batch) {
	work := 0
	for i := range b.runs[:b.used] {
		r := &b.runs[i]
		if len(r.packets) > 0 {
			r.slots = *r.layer.slots.Load()
		}
		work += len(r.packets) * len(r.slots)
	}
	for range min(work/shared, runtime.GOMAXPROCS(0)-1) {
		b.helpers.Add(1)
		go b.help(out)
	}
	b.write(out)
	b.helpers.Wait()
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
	defer b.helpers.Done()
	if out != nil {
		out = out.Beside()
		defer out.Return()
	}
	b.write(out)
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
		if first := n * partSize; first < len(r.slots) {
			return r, r.slots[first:min(first+partSize, len(r.slots))]
		}
		n -= (len(r.slots) + partSize - 1) / partSize
	}
	return nil, nil
}
