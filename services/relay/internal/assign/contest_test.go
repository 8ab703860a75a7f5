package assign

import (
	"slices"
	"testing"
)

func TestContest_TellsWhoCompetesForWhatOthersLeave(t *testing.T) {
	rows := []struct {
		claim          string
		audio          int
		sources, wants string
		rivals         string
		places         int
	}{
		{"all rooms compete", 4, "room:A/mic,B/mic,C/cam", "", "A/mic B/mic", 4},
		{"lead, screen and stage do not", 4, "lead:T/mic,T/snd stage:B/mic room:C/mic,D/mic", "", "C/mic D/mic", 1},
		{"nothing is left", 2, "lead:T/mic,T/snd stage:B/mic room:C/mic", "", "C/mic", 0},
		{"what is wished for is no rival, and its slot no place", 3, "lead:T/mic room:B/mic,C/mic", "C/mic", "B/mic", 1},
		{"nor is the slot of one who is away", 3, "room:B/mic,C/mic", "D/mic", "B/mic C/mic", 2},
		{"nobody competes with oneself", 2, "room:V/mic,B/mic audience:C/mic", "", "B/mic", 2},
	}
	for _, row := range rows {
		rivals, places := Contest(Input{
			Viewer: "V", AudioSlots: row.audio, Sources: sources(t, row.sources), Wants: Wants{Audio: ids(t, row.wants)},
		})
		if !slices.Equal(rivals, ids(t, row.rivals)) || places != row.places {
			t.Errorf("%s: %v for %d", row.claim, rivals, places)
		}
	}
}

func TestAssign_RoomsThatSpeakGoFirst(t *testing.T) {
	rows := []struct{ claim, sources, previous, loudest, want string }{
		{"before one of better rank", "lead:T/mic room:A/mic,B/mic,C/mic", "- -", "C/mic", "T/mic C/mic"},
		{"before one who holds a slot", "lead:T/mic room:A/mic,B/mic,C/mic", "T/mic A/mic", "B/mic", "T/mic B/mic"},
		{"not before the lead and the stage", "lead:T/mic stage:S/mic room:A/mic", "- -", "A/mic", "T/mic S/mic"},
		{"and keep their slot while they do", "room:A/mic,B/mic,C/mic", "C/mic A/mic", "A/mic C/mic", "C/mic A/mic"},
		{"and in silence until another speaks", "room:A/mic,B/mic,C/mic", "C/mic B/mic", "", "C/mic B/mic"},
		{"the one of worse rank gives way", "room:A/mic,B/mic,C/mic", "A/mic B/mic", "C/mic", "A/mic C/mic"},
		{"of those who send", "room:A/mic,B/mic", "- -", "X/mic", "A/mic B/mic"},
		{"loudness is nothing to screens", "lead:T/mic,T/snd room:A/mic", "- -", "A/mic T/snd", "T/mic T/snd"},
	}
	for _, row := range rows {
		got, _ := Assign(Input{
			Viewer: "V", AudioSlots: 2, Sources: sources(t, row.sources), Loudest: ids(t, row.loudest),
			Previous: Assignment{Audio: slots(t, row.previous)},
		})
		if show(got.Audio) != row.want {
			t.Errorf("%s: %s, want %s", row.claim, show(got.Audio), row.want)
		}
	}
}
