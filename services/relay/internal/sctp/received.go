package sctp

import (
	"encoding/binary"
	"math/bits"
)

const (
	// maxAhead is how far a TSN may be ahead of the last one without a gap. A sender with our receive window full of
	// chunks of 64 octets stays within it; what is further ahead is not taken and comes again.
	maxAhead = 1024
	// maxGaps and maxDuplicates bound a SACK: it is never longer than 328 octets.
	maxGaps       = 70
	maxDuplicates = 8
)

// received knows which TSNs have come in.
type received struct {
	cumulative uint32 // all up to this one have
	highest    uint32 // that has
	seen       [maxAhead / 64]uint64
	duplicates [maxDuplicates]uint32 // that came in since the last SACK
	repeated   int
}

// init begins before the peer's first TSN.
func (r *received) init(first uint32) { *r = received{cumulative: first - 1, highest: first - 1} }

func (r *received) word(tsn uint32) (*uint64, uint64) {
	return &r.seen[tsn/64%uint32(len(r.seen))], 1 << (tsn % 64)
}

func (r *received) has(tsn uint32) bool {
	if !before(r.cumulative, tsn) {
		return true
	}
	word, bit := r.word(tsn)
	return tsn-r.cumulative <= maxAhead && *word&bit != 0
}

// wanted reports whether a TSN is new and near enough to be taken. Duplicates are noted for the next SACK.
func (r *received) wanted(tsn uint32) bool {
	if r.has(tsn) {
		if r.repeated < maxDuplicates {
			r.duplicates[r.repeated] = tsn
			r.repeated++
		}
		return false
	}
	return tsn-r.cumulative <= maxAhead
}

// take notes a TSN that is wanted.
func (r *received) take(tsn uint32) {
	word, bit := r.word(tsn)
	*word |= bit
	if before(r.highest, tsn) {
		r.highest = tsn
	}
	r.advance()
}

// advance moves on over what has come in without a gap.
func (r *received) advance() {
	for r.cumulative != r.highest {
		word, bit := r.word(r.cumulative + 1)
		if *word&bit == 0 {
			return
		}
		*word &^= bit
		r.cumulative++
	}
}

// skip counts everything up to a TSN as received. It reports whether that is news.
func (r *received) skip(to uint32) bool {
	if !before(r.cumulative, to) {
		return false
	}
	if !before(to, r.highest) {
		clear(r.seen[:])
		r.cumulative, r.highest = to, to
		return true
	}
	for r.cumulative != to { // at most maxAhead steps: there is a higher one
		r.cumulative++
		word, bit := r.word(r.cumulative)
		*word &^= bit
	}
	r.advance()
	return true
}

// appendSACK writes a SACK chunk (RFC 9260 section 3.3.4) and forgets the duplicates.
func (r *received) appendSACK(b []byte, window uint32) []byte {
	start := len(b)
	b = append(b, chunkSACK, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, r.cumulative)
	b = binary.BigEndian.AppendUint32(b, window)
	b = append(b, 0, 0, 0, 0)
	gaps := uint16(0)
	for from, to := r.gap(r.cumulative + 1); from != to && gaps < maxGaps; from, to = r.gap(to) {
		b = binary.BigEndian.AppendUint16(b, uint16(from-r.cumulative))
		b = binary.BigEndian.AppendUint16(b, uint16(to-1-r.cumulative))
		gaps++
	}
	for _, tsn := range r.duplicates[:r.repeated] {
		b = binary.BigEndian.AppendUint32(b, tsn)
	}
	binary.BigEndian.PutUint16(b[start+2:], uint16(len(b)-start))
	binary.BigEndian.PutUint16(b[start+12:], gaps)
	binary.BigEndian.PutUint16(b[start+14:], uint16(r.repeated))
	r.repeated = 0
	return b
}

// gap returns the next block of TSNs that have come in, from at or after a TSN: the first and the one after the last.
func (r *received) gap(at uint32) (from, to uint32) {
	from = at
	for !before(r.highest, from) {
		word, bit := r.word(from)
		if *word&bit != 0 {
			break
		}
		from += zeros(*word, from)
	}
	to = from
	for !before(r.highest, to) {
		word, bit := r.word(to)
		if *word&bit == 0 {
			break
		}
		to++
	}
	return from, to
}

// zeros is how far the next one bit is from a TSN that is a zero bit of word, or the end of the word.
func zeros(word uint64, tsn uint32) uint32 {
	at := tsn % 64
	return min(uint32(bits.TrailingZeros64(word>>at)), 64-at)
}
