package twcc

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func ms(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }

// told parses feedback and checks that pion reads the same.
func told(t *testing.T, feedback []byte) (Report, []Status) {
	t.Helper()
	r, err := Parse(feedback)
	if err != nil {
		t.Fatalf("%v: %x", err, feedback)
	}
	var theirs rtcp.TransportLayerCC
	if err := theirs.Unmarshal(feedback); err != nil {
		t.Fatalf("pion: %v: %x", err, feedback)
	}
	if theirs.BaseSequenceNumber != r.Base || int(theirs.PacketStatusCount) != r.Statuses || theirs.FbPktCount != r.Count {
		t.Fatalf("pion reads %+v, we %+v", theirs, r)
	}
	var list []Status
	var deltas []time.Duration
	walk := r
	at := Ticks(theirs.ReferenceTime * ticksPerReference)
	for s, ok := walk.Next(); ok; s, ok = walk.Next() {
		list = append(list, s)
		if s.Received {
			deltas = append(deltas, s.At.Sub(at))
			at = s.At
		}
	}
	if len(deltas) != len(theirs.RecvDeltas) {
		t.Fatalf("%d received, pion %d", len(deltas), len(theirs.RecvDeltas))
	}
	for i, d := range deltas {
		if theirs.RecvDeltas[i].Delta != d.Microseconds() {
			t.Fatalf("delta %d is %v, pion %d us", i, d, theirs.RecvDeltas[i].Delta)
		}
	}
	return r, list
}

func TestRecorder_TellsWhatCameAndWhen(t *testing.T) {
	var rec Recorder
	for i, at := range []int{0, 10, 12, -1, 200, 201} {
		if at >= 0 {
			rec.Add(uint16(100+i), ms(at))
		}
	}
	r, list := told(t, rec.Feedback(ms(210), 7, 9, nil))
	if r.Sender != 7 || r.Media != 9 || r.Base != 100 || len(list) != 6 {
		t.Fatalf("%+v", r)
	}
	if list[3].Received || !list[4].Received || list[4].At.Sub(list[0].At) != 200*time.Millisecond {
		t.Fatalf("%+v", list)
	}
}
