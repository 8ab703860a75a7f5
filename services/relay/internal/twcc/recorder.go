package twcc

import (
	"math"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

const (
	// window is how many sequence numbers are remembered, so that late packets find their place. A power of two.
	window = 1024
	// maxStatuses bounds what one feedback packet tells: with long deltas throughout it stays below 1,200 octets.
	maxStatuses = 512
	// lateness is how far behind the newest a packet may be and still be told.
	lateness = maxStatuses

	interval = 50 * time.Millisecond // between two feedback packets,
	crowd    = 100                   // or as soon as this many packets are untold
)

// Recorder notes what arrives on one connection. The zero value is ready.
type Recorder struct {
	arrivals [window]Ticks // by extended sequence number; 0 is not received
	epoch    time.Time     // of the ticks; zero before the first packet
	newest   uint64
	next     uint64 // where the next feedback begins
	untold   int    // arrivals since the last feedback
	told     time.Time
	count    uint8 // of feedback packets
}

// Add notes the arrival of a packet. Of repeated packets the first counts; one that comes late is told with the
// next feedback, which then begins with it.
func (r *Recorder) Add(seq uint16, at time.Time) {
	if r.epoch.IsZero() {
		r.epoch, r.told = at, at
		r.begin(munge.Extend(seq, 1<<16))
	}
	ext := munge.Extend(seq, r.newest)
	switch {
	case ext > r.newest+lateness:
		r.begin(ext) // the sender has begun anew, or was away: that hole is no news
	case ext > r.newest:
		for lost := r.newest + 1; lost <= ext; lost++ {
			r.arrivals[lost%window] = 0
		}
		r.newest = ext
	case r.newest-ext >= lateness || r.arrivals[ext%window] != 0:
		return
	}
	r.arrivals[ext%window] = r.ticks(at)
	r.untold++
	r.next = min(r.next, ext)
	if r.newest-r.next >= window {
		r.next = r.newest - window + 1
	}
}

// begin forgets everything before a sequence number.
func (r *Recorder) begin(ext uint64) {
	clear(r.arrivals[:])
	r.newest, r.next, r.untold = ext, ext, 0
}

// ticks is a time on the recorder's clock, never 0.
func (r *Recorder) ticks(at time.Time) Ticks {
	return max(Ticks(uint32(ticksPerReference+at.Sub(r.epoch)/tick)), 1)
}

// Due says that a feedback packet should go out: every 50 ms or 100 packets, never when nothing came.
func (r *Recorder) Due(now time.Time) bool {
	return r.untold >= crowd || r.untold > 0 && now.Sub(r.told) >= interval
}

// Feedback appends one RTCP packet that tells all that came since the last one, and what did not. It appends nothing
// when nothing came. media is an SSRC that the other side sends on this connection: browsers ignore feedback that
// names none of theirs. When more has come than fits into one packet, Due says so at once.
func (r *Recorder) Feedback(now time.Time, sender, media uint32, out []byte) []byte {
	if r.untold == 0 {
		return out
	}
	var symbols [maxStatuses]symbol
	told, reference := r.survey(&symbols)
	out = appendHeader(out, sender, media)
	start := len(out) - headerSize
	put16(out[start+12:], uint16(r.next))
	put16(out[start+14:], uint16(told))
	put32(out[start+16:], uint32(reference)<<8|uint32(r.count))
	out = appendChunks(out, symbols[:told])
	out = r.appendDeltas(out, symbols[:told], reference)
	out = pad(out, start)

	r.count++
	r.next += uint64(told)
	if r.next > r.newest {
		r.untold, r.told = 0, now
	}
	return out
}

// survey finds the symbols of the next feedback packet, how many they are, and its reference time in units of 64 ms.
// It ends before a delta that fits no symbol.
func (r *Recorder) survey(symbols *[maxStatuses]symbol) (told int, reference Ticks) {
	var last Ticks
	n := int(min(r.newest-r.next+1, maxStatuses))
	for i := range n {
		at := r.arrivals[(r.next+uint64(i))%window]
		if at == 0 {
			symbols[i] = absent
			continue
		}
		if last == 0 {
			reference = at / ticksPerReference
			last = reference * ticksPerReference
		}
		delta := int32(at - last)
		switch {
		case delta >= 0 && delta <= math.MaxUint8:
			symbols[i] = short
		case delta >= math.MinInt16 && delta <= math.MaxInt16:
			symbols[i] = long
		default:
			return i, reference
		}
		last = at
	}
	return n, reference
}

func (r *Recorder) appendDeltas(out []byte, symbols []symbol, reference Ticks) []byte {
	last := reference * ticksPerReference
	for i, s := range symbols {
		if s == absent {
			continue
		}
		at := r.arrivals[(r.next+uint64(i))%window]
		delta := at - last
		last = at
		if s == long {
			out = append(out, byte(delta>>8))
		}
		out = append(out, byte(delta))
	}
	return out
}
