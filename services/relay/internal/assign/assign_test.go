package assign

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

var kinds = map[string]Kind{"mic": Microphone, "cam": Camera, "scr": Screen, "snd": ScreenAudio, "doc": DocumentCamera}

// id reads "T/cam".
func id(t testing.TB, s string) SourceID {
	t.Helper()
	if s == "" || s == "-" {
		return SourceID{}
	}
	who, kind, _ := strings.Cut(s, "/")
	if kinds[kind] == 0 {
		t.Fatalf("no kind in %q", s)
	}
	return SourceID{who, kinds[kind]}
}

func ids(t testing.TB, list string) []SourceID {
	t.Helper()
	var out []SourceID
	for s := range strings.FieldsSeq(list) {
		out = append(out, id(t, s))
	}
	return out
}

// sources reads "lead:T/cam,T/mic stage:B/cam"; rank is the order within.
func sources(t testing.TB, spec string) []Source {
	t.Helper()
	standings := map[string]Standing{"lead": Lead, "stage": Stage, "room": Room, "audience": Audience}
	var out []Source
	for group := range strings.FieldsSeq(spec) {
		standing, list, _ := strings.Cut(group, ":")
		for i, s := range strings.Split(list, ",") {
			out = append(out, Source{SourceID: id(t, s), Standing: standings[standing], Rank: uint32(i), Active: true})
		}
	}
	return out
}

// show writes slots as ids reads them.
func show(slots []Slot) string {
	var out []string
	for _, slot := range slots {
		name := "-"
		for short, kind := range kinds {
			if slot.Source.Kind == kind {
				name = slot.Source.Participant + "/" + short
			}
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func slots(t testing.TB, list string) []Slot {
	t.Helper()
	var out []Slot
	for _, s := range ids(t, list) {
		slot := Slot{Source: s}
		if s != (SourceID{}) {
			slot.Generation = 1
		}
		out = append(out, slot)
	}
	return out
}

func TestAssign(t *testing.T) {
	rows := []struct {
		claim                string
		audio, video         int
		sources              string
		wants                string // video
		previous             string // "audio | video"
		wantAudio, wantVideo string
	}{
		{
			claim: "the teacher gets matching numbers", audio: 4, video: 3,
			sources:   "lead:T/cam,T/mic",
			wantAudio: "T/mic - - -", wantVideo: "T/cam - -",
		},
		{
			claim: "order is screen, lead, stage, rooms", audio: 2, video: 4,
			sources:   "room:C/cam,C/mic stage:B/cam,B/mic lead:T/cam,T/mic,T/scr",
			wantAudio: "T/mic B/mic", wantVideo: "T/cam B/cam C/cam T/scr",
		},
		{
			claim: "when slots are few the last in order go without", audio: 1, video: 2,
			sources:   "room:C/cam,D/cam,C/mic stage:B/cam,B/mic lead:T/cam,T/mic,T/scr",
			wantAudio: "T/mic", wantVideo: "T/cam T/scr",
		},
		{
			claim: "sound of the screen comes before the stage", audio: 2, video: 1,
			sources:   "lead:T/mic,T/snd stage:B/mic",
			wantAudio: "T/mic T/snd", wantVideo: "-",
		},
		{
			claim: "one's own sources are left out", audio: 2, video: 2,
			sources:   "lead:V/cam,V/mic stage:B/cam,B/mic",
			wantAudio: "B/mic -", wantVideo: "B/cam -",
		},
		{
			claim: "audience sends nothing", audio: 1, video: 1,
			sources:   "audience:B/cam,B/mic",
			wantAudio: "-", wantVideo: "-",
		},
		{
			claim: "a room that has a slot keeps it before one of better rank", audio: 1, video: 2,
			sources: "room:A/cam,B/cam,C/cam", previous: "- | C/cam B/cam",
			wantAudio: "-", wantVideo: "C/cam B/cam",
		},
		{
			claim: "better standing displaces the worst room and nobody else moves", audio: 2, video: 3,
			sources: "lead:T/cam,T/mic room:A/cam,B/cam,C/cam", previous: "- - | A/cam B/cam C/cam",
			wantAudio: "T/mic -", wantVideo: "A/cam B/cam T/cam",
		},
		{
			claim: "a microphone joins its camera's number", audio: 4, video: 4,
			sources: "lead:T/cam,T/mic stage:B/cam,B/mic", previous: "T/mic - - - | T/cam A/cam B/cam -",
			wantAudio: "T/mic - B/mic -", wantVideo: "T/cam - B/cam -",
		},
		{
			claim: "a camera joins its microphone's number", audio: 4, video: 4,
			sources: "lead:T/cam,T/mic", previous: "- - T/mic - | - - - -",
			wantAudio: "- - T/mic -", wantVideo: "- - T/cam -",
		},
		{
			claim: "who comes on stage stays where it is", audio: 4, video: 3,
			sources: "lead:T/cam,T/mic stage:B/cam room:A/cam", previous: "T/mic - - - | T/cam A/cam B/cam",
			wantAudio: "T/mic - - -", wantVideo: "T/cam A/cam B/cam",
		},
		{
			claim: "an explicit want moves the source and leaves its place to others", audio: 1, video: 3,
			sources: "lead:T/cam room:A/cam,B/cam,C/cam", wants: "- - T/cam", previous: "- | T/cam A/cam B/cam",
			wantAudio: "-", wantVideo: "B/cam A/cam T/cam",
		},
		{
			claim: "a slot that asks for an absent source stays free", audio: 1, video: 2,
			sources: "lead:T/cam room:A/cam,B/cam", wants: "Z/cam -",
			wantAudio: "-", wantVideo: "- T/cam",
		},
		{
			claim: "of two slots that ask for one source the lower gets it", audio: 1, video: 2,
			sources: "lead:T/cam room:A/cam", wants: "A/cam A/cam",
			wantAudio: "-", wantVideo: "A/cam -",
		},
		{
			claim: "an explicit want cannot get one's own picture", audio: 1, video: 1,
			sources: "lead:V/cam", wants: "V/cam",
			wantAudio: "-", wantVideo: "-",
		},
		{
			claim: "a want for sound in a video slot gets nothing", audio: 1, video: 1,
			sources: "lead:T/mic", wants: "T/mic",
			wantAudio: "T/mic", wantVideo: "-",
		},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			before, after, _ := strings.Cut(row.previous, "|")
			in := Input{
				Viewer: "V", AudioSlots: row.audio, VideoSlots: row.video, Sources: sources(t, row.sources),
				Wants:    Wants{Video: ids(t, row.wants)},
				Previous: Assignment{Audio: slots(t, before), Video: slots(t, after)},
			}
			got, _ := Assign(in)
			if show(got.Audio) != row.wantAudio || show(got.Video) != row.wantVideo {
				t.Fatalf("got  %s | %s\nwant %s | %s", show(got.Audio), show(got.Video), row.wantAudio, row.wantVideo)
			}
		})
	}
}

func TestAssign_InactiveSourcesHaveNoSlot(t *testing.T) {
	in := Input{Viewer: "V", VideoSlots: 1, Sources: sources(t, "lead:T/cam")}
	in.Sources[0].Active = false
	if got, _ := Assign(in); show(got.Video) != "-" {
		t.Fatalf("got %s", show(got.Video))
	}
}

func TestAssign_ReportsChangesWithNewGenerations(t *testing.T) {
	in := Input{Viewer: "V", AudioSlots: 1, VideoSlots: 2, Sources: sources(t, "lead:T/cam,T/mic,T/scr")}
	first, changes := Assign(in)
	want := []Change{
		{Audio: true, Index: 0, Slot: Slot{id(t, "T/mic"), 1}},
		{Index: 0, Slot: Slot{id(t, "T/cam"), 1}},
		{Index: 1, Slot: Slot{id(t, "T/scr"), 1}},
	}
	if !reflect.DeepEqual(changes, want) {
		t.Fatalf("changes %+v", changes)
	}
	in.Previous, in.Sources = first, sources(t, "lead:T/cam,T/mic")
	second, changes := Assign(in)
	if !reflect.DeepEqual(changes, []Change{{Index: 1, Slot: Slot{Generation: 2}}}) {
		t.Fatalf("changes %+v", changes)
	}
	in.Previous = second
	if third, changes := Assign(in); len(changes) != 0 || !reflect.DeepEqual(third, second) {
		t.Fatalf("a decision made again must change nothing: %+v", changes)
	}
	if !slices.Equal(first.Video, slots(t, "T/cam T/scr")) {
		t.Fatal("the input must not be written to")
	}
}
