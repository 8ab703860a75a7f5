package peer

import (
	"testing"

	"github.com/tongke-edu/tongke/services/relay/internal/answer"
)

func TestReading_APayloadTypeTellsTheSectionWhereOneAloneHasIt(t *testing.T) {
	opus, vp8 := map[uint8]answer.Codec{111: {}}, map[uint8]answer.Codec{96: {}, 97: {RepairOf: 96}}
	encoder := reading{agreed: &answer.Answer{Sources: []answer.Source{{Mid: "0", Codecs: opus}, {Mid: "1", Codecs: vp8}}}}
	for payload, want := range map[uint8]int{111: 0, 96: 1, 97: 1, 98: -1} {
		if got := encoder.only(payload); got != want {
			t.Errorf("payload type %d is of section %d, want %d", payload, got, want)
		}
	}
	client := reading{agreed: &answer.Answer{Sources: []answer.Source{{Mid: "1", Codecs: vp8, RIDs: []string{"q"}}, {Mid: "2", Codecs: vp8}}}}
	layers := reading{agreed: &answer.Answer{Sources: []answer.Source{{Mid: "1", Codecs: vp8, RIDs: []string{"q"}}}}}
	if client.only(96) != -1 || layers.only(96) != -1 {
		t.Error("a payload type was taken for the name of a section of two, or of a layer")
	}
}
