package assign

import (
	"cmp"
	"slices"
)

// Kind is what a source carries, numbered as relay.v1.MediaKind.
type Kind uint8

// The kinds of source.
const (
	Microphone     Kind = 1
	Camera         Kind = 2
	Screen         Kind = 3
	ScreenAudio    Kind = 4
	DocumentCamera Kind = 5
)

// Audio reports whether the kind goes into audio slots.
func (k Kind) Audio() bool { return k == Microphone || k == ScreenAudio }

// person reports whether the kind shows or sounds a face: those are kept in lip-sync.
func (k Kind) person() bool { return k == Microphone || k == Camera }

// Standing orders participants, numbered as relay.v1.Standing.
type Standing uint8

// The standings, best first.
const (
	Lead     Standing = 1
	Stage    Standing = 2
	Room     Standing = 3
	Audience Standing = 4
)

// SourceID names a source within a lesson. The zero value is no source.
type SourceID struct {
	Participant string
	Kind        Kind
}

// Source is one publication that could fill a slot.
type Source struct {
	SourceID
	Standing Standing
	// Rank orders within a standing; lower goes first.
	Rank uint32
	// Active: it is permitted by the policy and sends. Others are never assigned.
	Active bool
}

// group is the order of kinds and standings; lower goes first. ok is false for sources that no slot takes.
func (s Source) group() (group int, ok bool) {
	if s.Standing < Lead || s.Standing > Room {
		return 0, false
	}
	switch s.Kind {
	case Screen:
		return 0, true
	case DocumentCamera:
		return 1, true
	case Camera:
		return 1 + int(s.Standing), true // 2, 3, 4
	case ScreenAudio:
		return 2, true
	case Microphone:
		return [...]int{Lead: 1, Stage: 3, Room: 4}[s.Standing], true
	}
	return 0, false
}

// eligible are the sources of one medium that could fill the viewer's slots, each once.
func eligible(in Input, audio bool) []Source {
	var out []Source
	for _, s := range in.Sources {
		_, ok := s.group()
		if ok && s.Active && s.Kind.Audio() == audio && s.Participant != in.Viewer && s.Participant != "" {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, byName)
	return slices.CompactFunc(out, func(a, b Source) bool { return a.SourceID == b.SourceID })
}

// byName orders by source, so that the order of the input plays no part; standing and rank decide between two
// entries of one source.
func byName(a, b Source) int {
	return cmp.Or(cmp.Compare(a.Participant, b.Participant), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Standing, b.Standing), cmp.Compare(a.Rank, b.Rank))
}

// byClaim orders by the claim to a slot; held tells who has one, loudest who speaks.
func byClaim(held map[SourceID]int, loudest []SourceID) func(a, b Source) int {
	return func(a, b Source) int {
		groupA, _ := a.group()
		groupB, _ := b.group()
		return cmp.Or(cmp.Compare(groupA, groupB), cmp.Compare(speaks(loudest, b), speaks(loudest, a)),
			cmp.Compare(holds(held, b), holds(held, a)),
			cmp.Compare(a.Standing, b.Standing), cmp.Compare(a.Rank, b.Rank), byName(a, b))
	}
}

// holds is 1 for a source that has a slot, else 0.
func holds(held map[SourceID]int, s Source) int {
	if _, ok := held[s.SourceID]; ok {
		return 1
	}
	return 0
}

// speaks is 1 for a room's microphone that is spoken into, else 0.
func speaks(loudest []SourceID, s Source) int {
	if s.contests() && slices.Contains(loudest, s.SourceID) {
		return 1
	}
	return 0
}
