package estimate

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/twcc"
)

// TestSender_APacketThatWasSentTwiceCountsAsLostAndTellsNothingOfQueues: every fifth packet is lost and sent again 80 ms
// later, under the same number.
func TestSender_APacketThatWasSentTwiceCountsAsLostAndTellsNothingOfQueues(t *testing.T) {
	const trip = 30 * time.Millisecond
	for _, told := range []bool{false, true} { // of the loss, before the packet is sent again
		s := NewSender(Options{Feedback: true})
		s.Want(mega)
		var rec twcc.Recorder
		var buffer []byte
		tell := func(now time.Time) {
			buffer = rec.Feedback(now, 1, 2, buffer[:0])
			report, err := twcc.Parse(buffer)
			if err != nil {
				t.Fatal(err)
			}
			s.Feedback(now, report)
		}
		missing := map[int]uint16{}
		for i := range 500 {
			now := epoch.Add(time.Duration(i) * 20 * time.Millisecond)
			seq := s.Sent(now, 150, Media)
			if i%5 == 1 {
				missing[i+4] = seq
			} else {
				rec.Add(seq, now.Add(trip))
			}
			if told && i%5 == 4 {
				tell(now.Add(trip))
			}
			if seq, ok := missing[i]; ok {
				s.SentAgain(now, 150, seq)
				rec.Add(seq, now.Add(trip))
			}
			if i%5 == 0 {
				tell(now.Add(trip))
			}
		}
		loss, ok := s.Loss()
		if !ok || loss < 0.15 || loss > 0.25 {
			t.Errorf("told before: %v: loss %v", told, loss)
		}
		if r := s.Reason(); r.Queue > 5*time.Millisecond {
			t.Errorf("told before: %v: a queue where there is none: %+v", told, r)
		}
	}
}
