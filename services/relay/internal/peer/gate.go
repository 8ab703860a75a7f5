package peer

import (
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/police"
	"github.com/tongke-edu/tongke/services/relay/internal/record"
)

// What one peer may bring of each protocol: in the long run per second, and at once. A browser that sends everything
// that it may stays at a tenth of the packets, a twentieth of the reports and a fifth of the checks.
const (
	packetsPerSecond = 6_000
	reportsPerSecond = 500
	checksPerSecond  = 100
	recordsPerSecond = 5_000
	// forgeriesPerSecond is how many packets that prove not to be the peer's are looked at closely.
	forgeriesPerSecond = 100
	// hellosPerSecond are DTLS records in the clear: a handshake has ten, some of them twice.
	hellosPerSecond = 50
)

// gate polices one protocol of a peer. What it refuses costs no cryptography.
//
// It counts what has proved genuine apart from what has not: others can forge a peer's address, and must not be able
// to use up what the peer itself may send. So a peer that sends too much harms itself alone, and forgeries are looked
// at only where they could be the beginning of something, and only so often.
type gate struct{ genuine, forged police.Bucket }

func newGate(perSecond int) gate {
	return gate{
		genuine: police.NewBucket(perSecond, perSecond),
		forged:  police.NewBucket(forgeriesPerSecond, 2*forgeriesPerSecond),
	}
}

// admits reports whether a packet is to be looked at; known tells that what it claims to be part of has proved genuine
// before.
func (g *gate) admits(now time.Time, known bool) bool {
	return !g.genuine.Empty(now) && (known || !g.forged.Empty(now))
}

// looked notes what a look has shown.
func (g *gate) looked(now time.Time, genuine bool) {
	if genuine {
		g.genuine.Take(now, 1)
	} else {
		g.forged.Take(now, 1)
	}
}

// recordGate polices DTLS. As with gate, others cannot use up what the peer itself may send: of sealed records only
// those count that prove genuine, or are kept until they can. Those in the clear prove nothing and are counted apart:
// after the handshake only its last flight comes again.
type recordGate struct{ sealed, clear police.Bucket }

func newRecordGate() recordGate {
	return recordGate{
		sealed: police.NewBucket(recordsPerSecond, recordsPerSecond),
		clear:  police.NewBucket(hellosPerSecond, 2*hellosPerSecond),
	}
}

// admits looks at the records of a datagram.
func (g *recordGate) admits(now time.Time, datagram []byte) bool {
	inClear := false
	for rest := datagram; len(rest) > 0; {
		r, after, ok := record.Next(rest)
		if !ok {
			return false
		}
		if r.Epoch == 0 {
			if r.Type != record.ChangeCipherSpec && r.Type != record.Handshake {
				return false // anybody can forge an alert or data that nobody has sealed, and end a connection with it
			}
			inClear = true
		}
		rest = after
	}
	if inClear {
		return g.clear.Take(now, 1)
	}
	return !g.sealed.Empty(now)
}

// took counts a record that was not found to be forged.
func (g *recordGate) took(now time.Time) { g.sealed.Take(now, 1) }
