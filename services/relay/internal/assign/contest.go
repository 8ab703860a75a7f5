package assign

import "slices"

// Contest tells which microphones compete for the audio slots that wishes, the lead, screens and the stage leave to
// rooms, and how many slots these are. Where they are more than the slots, Input.Loudest should say who speaks.
func Contest(in Input) (rivals []SourceID, places int) {
	sources := eligible(in, true)
	places = in.AudioSlots
	for n, want := range in.Wants.Audio {
		if n < in.AudioSlots && want != (SourceID{}) {
			places--
		}
	}
	for _, s := range sources {
		switch {
		case slices.Contains(in.Wants.Audio, s.SourceID):
		case s.contests():
			rivals = append(rivals, s.SourceID)
		default:
			places--
		}
	}
	return rivals, max(places, 0)
}

// contests reports whether the source gets an audio slot by being loud.
func (s Source) contests() bool { return s.Kind == Microphone && s.Standing == Room }
