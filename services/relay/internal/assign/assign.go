// Package assign decides which source fills which receive slot of a viewer.
//
// It is one pure function of who sends, what the viewer asked for, and what the slots carried before. Explicit
// wants come first; the rest is automatic. Video: screens, document cameras, the lead's camera, cameras on
// stage, cameras of the rooms; audio: the lead's microphone, sound of screens, microphones on stage, then other
// permitted ones, those who speak first. Within a group who has a slot keeps it, then the lower rank goes first. A source fills at most
// one slot, nobody sees or hears itself, and whoever stays assigned stays in its slot. A person's camera and
// microphone take slots of the same number where they can, because those share an msid and play in lip-sync;
// content without a face goes to the highest free slot to leave the low numbers to people.
//
// It knows nothing of layers, codecs or connections. The numbers of Kind and Standing are those of
// tongke.relay.v1.
package assign

// Slot is what a receive slot carries.
type Slot struct {
	// Source is zero while the slot is free.
	Source SourceID
	// Generation grows by one with each change of Source.
	Generation uint64
}

// Assignment is all slots of a viewer, indexed by slot number.
type Assignment struct {
	Audio, Video []Slot
}

// Wants are explicit wishes by slot number; a zero SourceID, or a slice that ends early, is automatic. A slot
// that asks for a certain source carries that source or nothing; of two slots that ask for the same, the lower
// number gets it.
type Wants struct {
	Audio, Video []SourceID
}

// Input is everything a decision depends on.
type Input struct {
	// Viewer is the participant whose slots these are.
	Viewer string
	// AudioSlots and VideoSlots are the numbers of receive sections in its offer.
	AudioSlots, VideoSlots int
	Sources                []Source
	Wants                  Wants
	// Loudest are the rooms' microphones that are spoken into; they go before the other rooms' (Contest).
	Loudest []SourceID
	// Previous is the last decision; zero at first.
	Previous Assignment
}

// Change is one slot whose source changed.
type Change struct {
	Audio bool
	Index int
	Slot
}

// Assign decides. The same input gives the same answer whatever the order of Sources. Nothing of the input is
// kept or changed. Changes come audio first, then by slot number.
func Assign(in Input) (Assignment, []Change) {
	audio := newBoard(true, in.AudioSlots, in)
	video := newBoard(false, in.VideoSlots, in)
	place(audio, video)
	var out Assignment
	var changes []Change
	out.Audio, changes = audio.result(in.Previous.Audio, changes)
	out.Video, changes = video.result(in.Previous.Video, changes)
	return out, changes
}
