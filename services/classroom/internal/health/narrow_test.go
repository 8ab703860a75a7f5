package health

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

func TestNarrowLine_SaysWhatTheLineCostsAndWhy(t *testing.T) {
	downlink := relayv1.SlotLimit_SLOT_LIMIT_DOWNLINK
	narrow := func(s *relayv1.ConnectionSample) {
		s.Estimate = &relayv1.DownlinkEstimate{
			Budget: 400_400, Wanted: 2_000_000, Cause: relayv1.EstimateCause_ESTIMATE_CAUSE_QUEUE,
		}
		s.Slots = []*relayv1.SlotSample{
			{SlotId: "audio0", SourceId: teacher, Limit: downlink},
			{SlotId: "video0", SourceId: teacher, HeightWanted: 720, HeightSent: 360, Limit: downlink},
			{SlotId: "video1", SourceId: roomB, HeightWanted: 180, Limit: downlink, Paused: true},
			{SlotId: "video2", SourceId: roomB, HeightWanted: 180, HeightSent: 180, Limit: relayv1.SlotLimit_SLOT_LIMIT_NONE},
		}
	}
	line := newBoard().judge([]*lesson.State{live(t)}, map[place]*window{
		{"lsn_1", roomA}: tenSeconds(narrow), {"lsn_1", roomB}: tenSeconds(nil),
	}, start.Add(9*time.Second))[0]
	want := &classroomv1.NarrowLine{
		CarriesKbps: 400, WantedKbps: 2000, Cause: classroomv1.LineCause_LINE_CAUSE_QUEUE, Reduced: 1, Paused: 1,
	}
	if got := find(line, roomA).GetNarrowLine(); !proto.Equal(got, want) {
		t.Errorf("said %v, want %v", got, want)
	}
	if got := find(line, roomB).GetNarrowLine(); got != nil {
		t.Errorf("a line that carries everything: %v", got)
	}
}

func TestNarrowLine_KnowsEveryCauseOfTheRelay(t *testing.T) {
	for n, name := range relayv1.EstimateCause_name {
		if _, known := lineCauses[relayv1.EstimateCause(n)]; !known && n != 0 {
			t.Errorf("%s has no words", name)
		}
	}
}
