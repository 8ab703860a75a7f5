package assign

import "slices"

// board is the slots of one medium while a decision is made.
type board struct {
	audio  bool
	slots  []SourceID       // by number; zero is free
	pinned []bool           // asked for explicitly: not for automatic sources
	where  map[SourceID]int // inverse of slots
	open   []Source         // chosen for a slot but not placed yet, best first
}

// newBoard puts in place what needs no choice of number: explicit wants, and chosen sources that have a slot.
// The rest of the chosen is left in open.
func newBoard(audio bool, count int, in Input) *board {
	wants, previous := in.Wants.Video, in.Previous.Video
	if audio {
		wants, previous = in.Wants.Audio, in.Previous.Audio
	}
	b := &board{audio: audio, slots: make([]SourceID, count), pinned: make([]bool, count), where: map[SourceID]int{}}
	sources := eligible(in, audio)
	b.pin(wants, sources)
	b.choose(previous, sources, in.Loudest)
	b.keep(previous)
	return b
}

// pin fills the slots that ask for a certain source.
func (b *board) pin(wants []SourceID, sources []Source) {
	for n, want := range wants[:min(len(wants), len(b.slots))] {
		if want == (SourceID{}) {
			continue
		}
		b.pinned[n] = true
		_, taken := b.where[want]
		if !taken && slices.ContainsFunc(sources, func(s Source) bool { return s.SourceID == want }) {
			b.put(n, want)
		}
	}
}

// choose leaves in open the best sources, as many as there are automatic slots.
func (b *board) choose(previous []Slot, sources []Source, loudest []SourceID) {
	held := map[SourceID]int{}
	for n, slot := range previous {
		held[slot.Source] = n
	}
	for _, s := range sources {
		if _, placed := b.where[s.SourceID]; !placed {
			b.open = append(b.open, s)
		}
	}
	slices.SortFunc(b.open, byClaim(held, loudest))
	free := 0
	for _, pinned := range b.pinned {
		if !pinned {
			free++
		}
	}
	b.open = b.open[:min(len(b.open), free)]
}

// keep leaves chosen sources in the slot that they have.
func (b *board) keep(previous []Slot) {
	for n, slot := range previous[:min(len(previous), len(b.slots))] {
		if i := b.indexOpen(slot.Source); i >= 0 && b.free(n) {
			b.put(n, slot.Source)
			b.open = slices.Delete(b.open, i, i+1)
		}
	}
}

func (b *board) indexOpen(id SourceID) int {
	return slices.IndexFunc(b.open, func(s Source) bool { return s.SourceID == id })
}

func (b *board) put(n int, id SourceID) {
	b.slots[n] = id
	b.where[id] = n
}

// free reports whether slot n exists and an automatic source may go there.
func (b *board) free(n int) bool {
	return n < len(b.slots) && !b.pinned[n] && b.slots[n] == (SourceID{})
}

// result is the new assignment of this medium, with what changed appended to changes.
func (b *board) result(previous []Slot, changes []Change) ([]Slot, []Change) {
	out := make([]Slot, len(b.slots))
	for n, id := range b.slots {
		if n < len(previous) {
			out[n] = previous[n]
		}
		if out[n].Source != id {
			out[n] = Slot{Source: id, Generation: out[n].Generation + 1}
			changes = append(changes, Change{Audio: b.audio, Index: n, Slot: out[n]})
		}
	}
	return out, changes
}
