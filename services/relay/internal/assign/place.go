package assign

// place gives every open source a slot: people first, so that camera and microphone meet at one number, then
// content from the highest number down.
func place(audio, video *board) {
	for _, s := range audio.open {
		if s.Kind.person() {
			audio.put(audio.pickFor(s, video), s.SourceID)
		}
	}
	for _, s := range video.open {
		if s.Kind.person() {
			video.put(video.pickFor(s, audio), s.SourceID)
		}
	}
	for _, b := range []*board{audio, video} {
		for _, s := range b.open {
			if !s.Kind.person() {
				b.put(b.highestFree(), s.SourceID)
			}
		}
	}
}

// pickFor chooses a free slot for a person's source: the number of its counterpart if that has a slot; else the
// lowest number free on both boards, where the counterpart can join it now or later; else the lowest free one.
func (b *board) pickFor(s Source, other *board) int {
	if n, ok := other.where[counterpart(s.SourceID)]; ok && b.free(n) {
		return n
	}
	lowest := -1
	for n := range b.slots {
		switch {
		case !b.free(n):
		case other.free(n):
			return n
		case lowest < 0:
			lowest = n
		}
	}
	return lowest
}

// counterpart is the other half of a person.
func counterpart(id SourceID) SourceID {
	if id.Kind == Camera {
		return SourceID{id.Participant, Microphone}
	}
	return SourceID{id.Participant, Camera}
}

func (b *board) highestFree() int {
	n := len(b.slots) - 1
	for !b.free(n) {
		n--
	}
	return n
}
