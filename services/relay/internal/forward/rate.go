package forward

import (
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/layer"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/report"
)

const (
	// leastMeasured is how much of a second makes a bitrate: a keyframe alone looks like ten times of what will follow.
	leastMeasured = 500 * time.Millisecond
	// newest is the share of the last second in a bitrate, so that one lively second does not move what viewers get.
	newest = 0.3
)

// rate is what a layer sends, and its temporal layers alone. The zero value has measured nothing.
type rate struct {
	octets   [layer.MaxTemporals]uint64 // since the last sample; guarded by books
	measured bool
	last     uint64 // bits in the last second
	bits     [layer.MaxTemporals]float64
	layers   int // temporal
}

// count adds a packet. The caller holds books.
func (r *rate) count(p *munge.Packet, size int) {
	of := 0
	if p.Format == munge.VP8 { // the only one whose upper layers can be left out
		of = int(p.TemporalLayer) % layer.MaxTemporals
	}
	r.octets[of] += uint64(size)
}

// sample takes a second. The caller holds books.
func (r *rate) sample(s report.Sample) {
	octets := r.octets
	r.octets = [layer.MaxTemporals]uint64{}
	if s.Span < leastMeasured && !r.measured || s.Span <= 0 {
		return
	}
	share := newest
	if !r.measured || r.last == 0 { // what it sent before a silence says little
		share = 1
	}
	for i, n := range octets {
		r.bits[i] += share * (float64(n)*8/s.Span.Seconds() - r.bits[i])
		if n > 0 || i == 0 {
			r.layers = i + 1
		}
	}
	r.measured, r.last = true, s.Bitrate
}

// describe puts the bitrates into a layer; one that nobody has measured yet gets what browsers usually send.
func (r *rate) describe(l *layer.Layer) {
	if !r.measured {
		l.Bitrate = layer.Nominal(l.Height)
		return
	}
	total := 0.0
	for i, bits := range r.bits {
		total += bits
		l.Upto[i] = int(total)
	}
	l.Bitrate, l.Temporals = int(total), r.layers
}
