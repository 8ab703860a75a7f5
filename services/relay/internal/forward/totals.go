package forward

import "sync/atomic"

// Totals are counted since the start, a second behind.
type Totals struct{ Packets, Dropped, NACKs, KeyframeRequests uint64 }

// totals are added to once a second by each lesson.
type totals struct{ packets, dropped, nacks, keyframeRequests atomic.Uint64 }

// Totals of all lessons.
func (f *Forwarder) Totals() Totals {
	return Totals{
		Packets:          f.totals.packets.Load(),
		Dropped:          f.totals.dropped.Load(),
		NACKs:            f.totals.nacks.Load(),
		KeyframeRequests: f.totals.keyframeRequests.Load(),
	}
}

func (t *totals) add(packets uint32, c slotCounts) {
	t.packets.Add(uint64(packets))
	t.dropped.Add(uint64(c.dropped))
	t.nacks.Add(uint64(c.nacks))
	t.keyframeRequests.Add(uint64(c.keyframeRequests))
}
