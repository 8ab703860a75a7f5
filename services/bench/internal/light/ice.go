package light

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pion/stun/v4"
)

const (
	// checkInterval is how often a way is tried before it answered; checkAgain keeps consent (RFC 7675).
	checkInterval = 50 * time.Millisecond
	checkAgain    = 2 * time.Second
	// priority of a peer-reflexive candidate (RFC 8445 section 5.1.2).
	priority = 110<<24 | 65535<<8 | 255
)

// way is the ICE side of a connection to an ICE-lite server: one pair, checked and nominated by this client.
type way struct {
	local, remote agreedCredentials
	tieBreaker    [8]byte
	write         func([]byte) error
	open          chan struct{} // closed by the first valid answer

	mu     sync.Mutex
	opened bool
	asked  map[[stun.TransactionIDSize]byte]time.Time
	trip   time.Duration // smoothed round trip
}

type agreedCredentials struct{ ufrag, password string }

func newWay(local, remote agreedCredentials, write func([]byte) error) *way {
	w := &way{local: local, remote: remote, write: write, open: make(chan struct{}), asked: map[[stun.TransactionIDSize]byte]time.Time{}}
	_, _ = rand.Read(w.tieBreaker[:]) // never fails (crypto/rand)
	return w
}

// find checks until the server has answered once.
func (w *way) find(ctx context.Context) error {
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	for {
		if err := w.check(time.Now()); err != nil {
			return err
		}
		select {
		case <-w.open:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("no answer to STUN checks: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}

// check sends one binding request that nominates the pair.
func (w *way) check(now time.Time) error {
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest,
		stun.NewUsername(w.remote.ufrag+":"+w.local.ufrag),
		stun.RawAttribute{Type: stun.AttrICEControlling, Value: w.tieBreaker[:]},
		stun.RawAttribute{Type: stun.AttrPriority, Value: binary.BigEndian.AppendUint32(nil, priority)},
		stun.RawAttribute{Type: stun.AttrUseCandidate},
		stun.NewShortTermIntegrity(w.remote.password), stun.Fingerprint,
	)
	if err != nil {
		return fmt.Errorf("STUN check: %w", err)
	}
	w.mu.Lock()
	if len(w.asked) > 64 { // never answered: lost
		clear(w.asked)
	}
	w.asked[m.TransactionID] = now
	w.mu.Unlock()
	_ = w.write(m.Raw) // repeated until one arrives
	return nil
}

var errStranger = errors.New("answer of a stranger")

// take handles a STUN message.
func (w *way) take(data []byte, now time.Time) error {
	m := &stun.Message{Raw: append([]byte(nil), data...)}
	if err := m.Decode(); err != nil {
		return err
	}
	if m.Type != stun.BindingSuccess {
		return nil
	}
	if err := stun.NewShortTermIntegrity(w.remote.password).Check(m); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at, ok := w.asked[m.TransactionID]
	if !ok {
		return errStranger
	}
	delete(w.asked, m.TransactionID)
	w.trip = smooth(w.trip, now.Sub(at))
	if !w.opened {
		w.opened = true
		close(w.open)
	}
	return nil
}

// smooth takes one more round trip into the average; one that a busy machine made long counts for little.
func smooth(average, trip time.Duration) time.Duration {
	if average == 0 {
		return trip
	}
	return (7*average + min(trip, 2*average)) / 8
}

func (w *way) roundTrip() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trip
}
