package forward

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/layer"
)

func TestOffer_GuessesTheBitrateThatNobodyHasMeasuredYet(t *testing.T) {
	p := &publication{connection: &Connection{}}
	for _, rid := range []string{"q", "h", "f"} {
		one := newLayer(1, Track{RID: rid}, p)
		one.newest.Store(time.Now().UnixNano())
		p.layers = append(p.layers, one)
	}
	p.layers[0].measured = true // and silent since
	offer := p.offer()
	if offer[0].Bitrate != 0 {
		t.Errorf("what was measured is %d", offer[0].Bitrate)
	}
	for i, want := range []int{1: 230_400, 2: 921_600} {
		if offer[i].Bitrate != want {
			t.Errorf("%s: %d bit/s, want %d", offer[i].RID, offer[i].Bitrate, want)
		}
	}
	var c layer.Chooser
	if chosen := c.Choose(time.Now(), offer, 720, 500_000); offer[chosen].RID != "h" {
		t.Errorf("a downlink of 500 kbit/s gets %s first", offer[chosen].RID)
	}
}
