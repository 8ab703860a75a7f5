package eventlog

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/tongke-edu/tongke/pkg/fault"
)

const (
	// DefaultShards is the number of streams that logs are hashed over: one stream replays slowly when it holds
	// thousands of logs, a stream for each log is slow to make and twice as large.
	DefaultShards = 16
	maxShards     = 64

	// defaultTimeout bounds a request to JetStream whose caller set no deadline. It is longer than the election of a
	// cluster (4-9 s).
	defaultTimeout = 12 * time.Second

	// maxConsumers is the limit of one stream: one for each Follow and each Read under way.
	maxConsumers = 20000

	headerEpoch = "Tongke-Epoch"
	headerFinal = "Tongke-Final"

	metadataShards = "tongke-shards"
)

// Store keeps logs in NATS JetStream. It is safe for concurrent use, and has nothing to close: its owner closes the
// connection after the last lease was released.
type Store struct {
	js       jetstream.JetStream
	shards   []shard
	leases   jetstream.Stream
	embedded *Embedded // nil in a cluster
}

// shard is one stream and the subjects of its logs.
type shard struct {
	stream jetstream.Stream
	name   string
	prefix string // subject of a log without its name
}

// Params are the inputs of [Open].
type Params struct {
	// Conn is a connection to a cluster with JetStream; Embedded is a server in this process instead.
	Conn     *nats.Conn
	Embedded *Embedded
	// Replicas of each stream: 1 (default) for an embedded server, 3 in a cluster.
	Replicas int
	// Shards is the number of streams, 1 to 64; default [DefaultShards]. It cannot change once there are logs.
	Shards int
}

// Open makes the streams where they are missing and returns the store.
func Open(ctx context.Context, p Params) (*Store, error) {
	if p.Replicas == 0 {
		p.Replicas = 1
	}
	if p.Shards == 0 {
		p.Shards = DefaultShards
	}
	if p.Shards < 1 || p.Shards > maxShards {
		return nil, fault.Invalid("shards", "int.range", "1 to 64")
	}
	if p.Embedded != nil {
		p.Conn = p.Embedded.conn
	}
	js, err := jetstream.New(p.Conn, jetstream.WithDefaultTimeout(defaultTimeout))
	if err != nil {
		return nil, fmt.Errorf("open event log: %w", err)
	}
	s := &Store{js: js, shards: make([]shard, p.Shards), embedded: p.Embedded}
	if err := s.checkShards(ctx, p.Shards); err != nil {
		return nil, err
	}
	for i := range s.shards {
		sh := &s.shards[i]
		sh.name = shardName(i)
		sh.prefix = fmt.Sprintf("tongke.log.%02d.", i)
		if sh.stream, err = js.CreateOrUpdateStream(ctx, logStream(*sh, p)); err != nil {
			return nil, fault.Wrap(fault.Unavailable, fmt.Errorf("open stream %s: %w", sh.name, err))
		}
	}
	if s.leases, err = js.CreateOrUpdateStream(ctx, leaseStream(p)); err != nil {
		return nil, fault.Wrap(fault.Unavailable, fmt.Errorf("open stream of leases: %w", err))
	}
	return s, nil
}

func shardName(i int) string { return fmt.Sprintf("TONGKE_LOG_%02d", i) }

// checkShards refuses a number of shards other than the one that the logs were hashed over.
func (s *Store) checkShards(ctx context.Context, shards int) error {
	first, err := s.js.Stream(ctx, shardName(0))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, fmt.Errorf("look up stream %s: %w", shardName(0), err))
	}
	if had := first.CachedInfo().Config.Metadata[metadataShards]; had != strconv.Itoa(shards) {
		return fmt.Errorf("open event log: it has %s shards, not %d; the number cannot change", had, shards)
	}
	return nil
}

// logStream is the configuration of one shard. Entries are never deleted one by one, and reads are answered by the
// stream's leader, so that a reader sees what was acknowledged.
func logStream(sh shard, p Params) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:         sh.name,
		Subjects:     []string{sh.prefix + "*"},
		Storage:      jetstream.FileStorage,
		Replicas:     p.Replicas,
		Discard:      jetstream.DiscardNew,
		DenyDelete:   true,
		DenyPurge:    true,
		MaxConsumers: maxConsumers,
		Metadata:     map[string]string{metadataShards: strconv.Itoa(p.Shards)},
	}
}

// of returns a log's shard and subject.
func (s *Store) of(log string) (shard, string) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(log)) // never fails
	sh := s.shards[h.Sum32()%uint32(len(s.shards))]
	return sh, sh.prefix + log
}

// Append implements [Log].
func (s *Store) Append(ctx context.Context, log string, after Position, entry Entry) (Position, error) {
	if err := checkEntry(log, entry); err != nil {
		return 0, err
	}
	sh, subject := s.of(log)
	msg := &nats.Msg{Subject: subject, Data: entry.Data, Header: nats.Header{
		headerEpoch: {strconv.FormatUint(entry.Epoch, 10)},
	}}
	if entry.Final {
		msg.Header.Set(headerFinal, "1")
	}
	ctx, cancel := s.embedded.writing(ctx)
	defer cancel()
	ack, err := s.js.PublishMsg(ctx, msg,
		jetstream.WithExpectStream(sh.name), jetstream.WithExpectLastSequencePerSubject(uint64(after)))
	if err != nil {
		return 0, publishFault(fmt.Errorf("append to %s after %d: %w", log, after, err))
	}
	return Position(ack.Sequence), nil
}

// publishFault tells a broken expectation from storage that does not answer.
func publishFault(err error) error {
	var js jetstream.JetStreamError
	if errors.As(err, &js) && js.APIError() != nil {
		switch js.APIError().ErrorCode {
		case jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant:
			return conflict(err)
		}
	}
	return fault.Wrap(fault.Unavailable, err)
}
