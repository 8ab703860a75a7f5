package peer

import (
	"slices"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/srtp"
)

// maxEarly bounds the packets of a peer that are kept until its keys are known. A client has them a little before us,
// and begins with a keyframe: what is lost of it would have to be asked for again.
const maxEarly = 32

// early is a packet that nobody can open yet.
type early struct {
	data []byte
	at   time.Time
}

// keep puts a packet aside.
func (r *reading) keep(data []byte, at time.Time) {
	if len(r.early) < maxEarly {
		r.early = append(r.early, early{slices.Clone(data), at})
	}
}

// begin lets media flow under the agreed keys; what has come before them goes first.
func (p *Peer) begin(session *srtp.Session) {
	burst, out := p.hub.bursts.Get().(*forward.Burst), p.hub.ports.Batch()
	now := time.Now()
	p.reading.Lock()
	p.session.Store(session)
	for _, e := range p.reading.early {
		p.openRTP(session, e.data, e.at, now, burst, out)
	}
	p.reading.early = nil
	p.reading.Unlock()
	burst.Forward(out)
	p.hub.ports.Return(out)
	p.hub.bursts.Put(burst)
}
