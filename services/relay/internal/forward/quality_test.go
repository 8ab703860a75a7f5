package forward

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/allocate"
	"github.com/tongke-edu/tongke/services/relay/internal/estimate"
)

func TestExplain_KnowsEveryCauseAndLimit(t *testing.T) {
	for cause := estimate.Start; cause.String() != "unknown"; cause++ {
		if causes[cause] == 0 {
			t.Errorf("%v has no words", cause)
		}
	}
	for limit := allocate.Unlimited; limit <= allocate.Proof; limit++ {
		if limits[limit] == 0 {
			t.Errorf("limit %d has no words", limit)
		}
	}
}

func TestOffer_GuessesTheBitrateThatNobodyHasMeasuredYet(t *testing.T) {
	now := time.Now()
	p := &publication{connection: &Connection{}}
	for _, rid := range []string{"q", "h", "f"} {
		one := newLayer(1, Track{RID: rid}, p)
		one.newest.Store(now.UnixNano())
		p.layers = append(p.layers, one)
	}
	p.layers[0].rate.measured = true // and silent since
	offer := p.offer(now)
	if offer[0].Bitrate != 0 {
		t.Errorf("what was measured is %d", offer[0].Bitrate)
	}
	for i, want := range []int{1: 230_400, 2: 921_600} {
		if offer[i].Bitrate != want {
			t.Errorf("%s: %d bit/s, want %d", offer[i].RID, offer[i].Bitrate, want)
		}
	}
	s := allocate.Slot{Demand: allocate.Demand{Class: allocate.Lead, Height: 720, Layers: offer}}
	allocate.Share(now, allocate.Budget{Bitrate: 500_000}, []*allocate.Slot{&s})
	if offer[s.Layer].RID != "h" {
		t.Errorf("a downlink of 500 kbit/s gets %s first", offer[s.Layer].RID)
	}
}
