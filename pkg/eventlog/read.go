package eventlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/tongke-edu/tongke/pkg/fault"
)

// idleConsumer is how long JetStream keeps a consumer whose reader vanished without deleting it.
const idleConsumer = time.Minute

// errEnough ends a scan that has what it wanted.
var errEnough = errors.New("enough")

// Read implements [Log].
func (s *Store) Read(ctx context.Context, log string, after Position) ([]Entry, error) {
	if err := checkName("log", log); err != nil {
		return nil, err
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	sh, subject := s.of(log)
	last, err := lastPosition(ctx, sh.stream, subject)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, fmt.Errorf("read %s: %w", log, err))
	}
	if last <= after {
		return nil, nil
	}
	var entries []Entry
	err = scan(ctx, sh.stream, startAfter(subject, after), func(msg jetstream.Msg) error {
		entry, err := entryOf(msg)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
		if entry.Position >= last {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		return nil, fault.Wrap(fault.Unavailable, fmt.Errorf("read %s after %d: %w", log, after, err))
	}
	return entries, nil
}

// Last implements [Log].
func (s *Store) Last(ctx context.Context, log string) (Entry, error) {
	if err := checkName("log", log); err != nil {
		return Entry{}, err
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	sh, subject := s.of(log)
	msg, err := sh.stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Entry{}, nil
	}
	var last Entry
	if err == nil {
		last, err = storedEntry(msg.Sequence, msg.Header, msg.Data, msg.Time)
	}
	if err != nil {
		return Entry{}, fault.Wrap(fault.Unavailable, fmt.Errorf("read the end of %s: %w", log, err))
	}
	return last, nil
}

// Follow implements [Log]. It rides over a lost server: the consumer is made again behind the last entry.
func (s *Store) Follow(ctx context.Context, log string, after Position, each func(Entry) error) error {
	if err := checkName("log", log); err != nil {
		return err
	}
	sh, subject := s.of(log)
	var stop error // what each returned
	err := scan(ctx, sh.stream, startAfter(subject, after), func(msg jetstream.Msg) error {
		entry, err := entryOf(msg)
		if err != nil {
			return err
		}
		stop = each(entry)
		return stop
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case stop != nil:
		return stop
	default:
		return fault.Wrap(fault.Unavailable, fmt.Errorf("follow %s: %w", log, err))
	}
}

// Unfinished implements [Log]. It reads the headers of each log's last entry.
func (s *Store) Unfinished(ctx context.Context) ([]string, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var names []string
	for _, sh := range s.shards {
		found, err := sh.unfinished(ctx)
		if err != nil {
			return nil, fault.Wrap(fault.Unavailable, fmt.Errorf("list unfinished logs of %s: %w", sh.name, err))
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	return names, nil
}

func (sh shard) unfinished(ctx context.Context) ([]string, error) {
	info, err := sh.stream.Info(ctx)
	if err != nil {
		return nil, err
	}
	if info.State.Msgs == 0 {
		return nil, nil
	}
	// A log that grows meanwhile is seen with a later entry; the last entry of the stream is always the last of its log.
	end := info.State.LastSeq
	open := map[string]bool{}
	config := jetstream.OrderedConsumerConfig{
		FilterSubjects:    []string{sh.prefix + "*"},
		DeliverPolicy:     jetstream.DeliverLastPerSubjectPolicy,
		HeadersOnly:       true,
		InactiveThreshold: idleConsumer,
	}
	err = scan(ctx, sh.stream, config, func(msg jetstream.Msg) error {
		entry, err := entryOf(msg)
		if err != nil {
			return err
		}
		open[strings.TrimPrefix(msg.Subject(), sh.prefix)] = !entry.Final
		if uint64(entry.Position) >= end {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		return nil, err
	}
	var names []string
	for name, unfinished := range open {
		if unfinished {
			names = append(names, name)
		}
	}
	return names, nil
}

// scan calls each for every message that the consumer delivers, until each fails or ctx ends.
func scan(ctx context.Context, stream jetstream.Stream, config jetstream.OrderedConsumerConfig, each func(jetstream.Msg) error) error {
	consumer, err := stream.OrderedConsumer(ctx, config)
	if err != nil {
		return err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	defer func() {
		messages.Stop()
		deleting, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		// Best effort: JetStream forgets an idle consumer by itself.
		_ = stream.DeleteConsumer(deleting, consumer.CachedInfo().Name)
	}()
	for {
		msg, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		if err := each(msg); err != nil {
			return err
		}
	}
}

func startAfter(subject string, after Position) jetstream.OrderedConsumerConfig {
	return jetstream.OrderedConsumerConfig{
		FilterSubjects:    []string{subject},
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       uint64(after) + 1,
		InactiveThreshold: idleConsumer,
	}
}

// lastPosition asks the stream's leader for the last entry of a log; 0 when there is none.
func lastPosition(ctx context.Context, stream jetstream.Stream, subject string) (Position, error) {
	msg, err := stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return Position(msg.Sequence), nil
}

func entryOf(msg jetstream.Msg) (Entry, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return Entry{}, fmt.Errorf("metadata of an entry: %w", err)
	}
	return storedEntry(meta.Sequence.Stream, msg.Headers(), msg.Data(), meta.Timestamp)
}

func storedEntry(sequence uint64, header nats.Header, data []byte, at time.Time) (Entry, error) {
	epoch, err := strconv.ParseUint(header.Get(headerEpoch), 10, 64)
	if err != nil {
		return Entry{}, fmt.Errorf("epoch of entry %d: %w", sequence, err)
	}
	return Entry{
		Position: Position(sequence), Epoch: epoch, Data: data, Time: at, Final: header.Get(headerFinal) != "",
	}, nil
}

// bounded gives a context without deadline the default one, and ends it when the server stops.
func (s *Store) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, release := s.embedded.reading(ctx)
	if _, ok := ctx.Deadline(); ok {
		return ctx, release
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	return ctx, func() {
		cancel()
		release()
	}
}
