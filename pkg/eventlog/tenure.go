package eventlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/tongke-edu/tongke/pkg/fault"
)

const (
	leaseStreamName = "TONGKE_LEASES"
	// A message on leasePrefix + log says who holds the lease; JetStream removes it when its TTL runs out.
	leasePrefix = "tongke.lease."
	// A message on epochPrefix + log says the epoch of the newest lease; it stays.
	epochPrefix = "tongke.epoch."
)

// leaseStream keeps the newest message of each subject. It lives on disk like the logs: in memory its sequences would
// begin again after a restart, and a renewal from before it could match by accident.
func leaseStream(p Params) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              leaseStreamName,
		Subjects:          []string{leasePrefix + "*", epochPrefix + "*"},
		Storage:           jetstream.FileStorage,
		Replicas:          p.Replicas,
		MaxMsgsPerSubject: 1,
		AllowMsgTTL:       true,
	}
}

// holding is the content of a lease message. An empty holder means that the lease was released.
type holding struct {
	Holder string `json:"holder"`
	Epoch  uint64 `json:"epoch"`
}

// acquireAttempts bounds how often Acquire looks again when the lease ran out or changed hands under it.
const acquireAttempts = 3

// Acquire implements [Log].
func (s *Store) Acquire(ctx context.Context, log, holder string, ttl time.Duration) (*Lease, error) {
	ttl, err := checkLease(log, holder, ttl)
	if err != nil {
		return nil, err
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	for attempt := 1; ; attempt++ {
		lease, err := s.tryAcquire(ctx, log, holder, ttl)
		moved := fault.ReasonOf(err) == fault.Conflict && fault.From(err).Metadata("holder") == ""
		if !moved || attempt == acquireAttempts {
			return lease, err
		}
	}
}

// tryAcquire fails with a CONFLICT without holder when the lease changed while it looked.
func (s *Store) tryAcquire(ctx context.Context, log, holder string, ttl time.Duration) (*Lease, error) {
	current, held, err := s.record(ctx, leasePrefix+log)
	if err != nil {
		return nil, err
	}
	if current.Holder != "" && current.Holder != holder {
		return nil, heldBy(current.Holder)
	}
	last, epochAt, err := s.record(ctx, epochPrefix+log)
	if err != nil {
		return nil, err
	}
	t := &storeTenure{store: s, subject: leasePrefix + log, held: held, ttl: ttl,
		holding: holding{Holder: holder, Epoch: last.Epoch + 1}}
	began := time.Now()
	if err := t.renew(ctx); err != nil {
		return nil, err
	}
	// Two holders cannot both pass here with one epoch, even if the first one's lease ran out in between.
	if _, err := s.put(ctx, epochPrefix+log, epochAt, t.holding, 0); err != nil {
		return nil, errors.Join(err, t.release(context.WithoutCancel(ctx)))
	}
	return newLease(t.holding.Epoch, ttl, began, t), nil
}

// record reads the newest message of a subject and its sequence; both are zero when there is none.
func (s *Store) record(ctx context.Context, subject string) (holding, uint64, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	msg, err := s.leases.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return holding{}, 0, nil
	}
	if err != nil {
		return holding{}, 0, fault.Wrap(fault.Unavailable, fmt.Errorf("read %s: %w", subject, err))
	}
	var h holding
	if err := json.Unmarshal(msg.Data, &h); err != nil {
		return holding{}, 0, fmt.Errorf("decode %s: %w", subject, err)
	}
	return h, msg.Sequence, nil
}

// put replaces the newest message of a subject if it is the expected one. A ttl of 0 means that it stays.
func (s *Store) put(ctx context.Context, subject string, expected uint64, h holding, ttl time.Duration) (uint64, error) {
	ctx, cancel := s.embedded.writing(ctx)
	defer cancel()
	data, err := json.Marshal(h)
	if err != nil {
		return 0, fmt.Errorf("encode %s: %w", subject, err)
	}
	opts := []jetstream.PublishOpt{
		jetstream.WithExpectStream(leaseStreamName), jetstream.WithExpectLastSequencePerSubject(expected),
	}
	if ttl > 0 {
		opts = append(opts, jetstream.WithMsgTTL(ttl))
	}
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data}, opts...)
	if err != nil {
		return 0, publishFault(fmt.Errorf("write %s: %w", subject, err))
	}
	return ack.Sequence, nil
}

// storeTenure is one holding of a lease in JetStream. Its Lease calls it from one goroutine at a time.
type storeTenure struct {
	store   *Store
	subject string
	holding holding
	held    uint64 // sequence of the newest lease message that this tenure knows; 0 for none
	ttl     time.Duration
}

func (t *storeTenure) renew(ctx context.Context) error {
	seq, err := t.store.put(ctx, t.subject, t.held, t.holding, t.ttl)
	if err != nil {
		return t.reconcile(ctx, err)
	}
	t.held = seq
	return nil
}

// reconcile recognises a renewal that was stored although its acknowledgement was lost: the retry conflicts with
// the tenure's own message.
func (t *storeTenure) reconcile(ctx context.Context, cause error) error {
	if fault.ReasonOf(cause) != fault.Conflict {
		return cause
	}
	current, seq, err := t.store.record(ctx, t.subject)
	if err != nil {
		return err
	}
	if current != t.holding || seq <= t.held {
		return cause
	}
	t.held = seq
	return nil
}

// release leaves a message of one second, so that a renewal that is still under way conflicts.
func (t *storeTenure) release(ctx context.Context) error {
	_, err := t.store.put(ctx, t.subject, t.held, holding{Epoch: t.holding.Epoch}, time.Second)
	if fault.ReasonOf(err) == fault.Conflict {
		return nil
	}
	return err
}
