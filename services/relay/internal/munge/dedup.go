package munge

// Verdict is what a layer makes of an arriving sequence number.
type Verdict uint8

const (
	// Duplicate was seen before: a retransmission of what arrived, or probing padding.
	Duplicate Verdict = iota
	// Stale lies further back than Dedup remembers.
	Stale
	// Late was missing until now: reordered or retransmitted.
	Late
	// Newest is ahead of all before. Only such a packet may start a switch, but for Rewriter.Rewind.
	Newest
)

const (
	dedupWindow = 1024 // packets remembered; 3.4 s of 3 Mbit/s
	// staleRun is how many stale packets in a row are taken as a sender that started its numbers anew.
	staleRun = 64
)

// Dedup recognises packets that a layer has seen before and extends sequence numbers past 16 bits.
// The zero value is ready.
type Dedup struct {
	seen    [dedupWindow / 64]uint64
	highest uint64
	stale   int
	started bool
}

// Accept judges the next arriving sequence number. The extended number is valid for Late and Newest; it grows
// by one per packet sent, never wraps, and its lower 16 bits are seq.
func (d *Dedup) Accept(seq uint16) (ext uint64, verdict Verdict) {
	if !d.started {
		d.started = true
		return d.restart(firstCycle + uint64(seq)), Newest
	}
	ext = Extend(seq, d.highest)
	if ext > d.highest {
		d.advance(ext)
		return ext, Newest
	}
	if d.highest-ext >= dedupWindow {
		if d.stale++; d.stale < staleRun {
			return ext, Stale
		}
		return d.restart(ext + firstCycle), Newest // one cycle on, so that it is ahead of all before
	}
	if d.has(ext) {
		return ext, Duplicate
	}
	d.set(ext)
	return ext, Late
}

func (d *Dedup) restart(ext uint64) uint64 {
	d.seen = [dedupWindow / 64]uint64{}
	d.highest, d.stale = ext, 0
	d.set(ext)
	return ext
}

// advance makes ext the newest and forgets what the window leaves behind.
func (d *Dedup) advance(ext uint64) {
	if ext-d.highest >= dedupWindow {
		d.restart(ext)
		return
	}
	for n := d.highest + 1; n < ext; n++ {
		d.seen[n%dedupWindow/64] &^= 1 << (n % 64)
	}
	d.highest, d.stale = ext, 0
	d.set(ext)
}

func (d *Dedup) has(n uint64) bool { return d.seen[n%dedupWindow/64]&(1<<(n%64)) != 0 }
func (d *Dedup) set(n uint64)      { d.seen[n%dedupWindow/64] |= 1 << (n % 64) }
