package layer

import (
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func TestLayer_IsLiveForASecond(t *testing.T) {
	for after, want := range map[time.Duration]bool{0: true, Silence: true, Silence + 1: false} {
		if got := (Layer{LastPacket: epoch}).Live(epoch.Add(after)); got != want {
			t.Errorf("live %v after its last packet: %v", after, got)
		}
	}
	if (Layer{}).Live(epoch) {
		t.Error("a layer that never sent anything is live")
	}
}

func TestHeardLast_IsWhatCanBeWoken(t *testing.T) {
	layers := []Layer{{RID: "q"}, {RID: "h", LastPacket: epoch.Add(1)}, {RID: "f", LastPacket: epoch}}
	if got := HeardLast(layers); got != 1 {
		t.Errorf("%d was heard last", got)
	}
	if got := HeardLast(layers[:1]); got != None {
		t.Errorf("%d was heard last of one that was never heard", got)
	}
}

func TestFillHeights_GuessesFromSiblings(t *testing.T) {
	rows := []struct {
		claim   string
		in, out []Layer
	}{
		{"from the lowest", []Layer{{RID: "q", Height: 135}, {RID: "h"}, {RID: "f"}}, []Layer{{RID: "q", Height: 135}, {RID: "h", Height: 270}, {RID: "f", Height: 540}}},
		{"from the highest", []Layer{{RID: "q"}, {RID: "f", Height: 1080}}, []Layer{{RID: "q", Height: 270}, {RID: "f", Height: 1080}}},
		{"from nothing", []Layer{{RID: "h"}, {RID: ""}}, []Layer{{RID: "h", Height: 360}, {RID: "", Height: 720}}},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			FillHeights(row.in)
			for i := range row.in {
				if row.in[i] != row.out[i] {
					t.Fatalf("layer %d is %+v, want %+v", i, row.in[i], row.out[i])
				}
			}
		})
	}
}
