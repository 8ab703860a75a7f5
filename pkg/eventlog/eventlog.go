// Package eventlog keeps durable, ordered logs: append under an expected position, read, follow, and lease.
//
// A log is named by its user and holds opaque bytes; the package knows nothing of lessons. [Store] keeps logs in
// NATS JetStream, either in a cluster or in the server that [StartEmbedded] runs inside the process. [Memory] keeps
// them for the life of the process. Both pass the same conformance suite.
//
// The package owns one goroutine per lease, which [Lease.Release] ends and waits for, and one per embedded server,
// which [Embedded.Close] ends and waits for. Follow runs on its caller's goroutine.
package eventlog

import (
	"context"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// MaxEntryBytes is the largest Data of an entry.
const MaxEntryBytes = 512 << 10

// maxNameBytes is the longest name of a log or of a holder.
const maxNameBytes = 128

// Position says where an entry stands in its log. It is opaque: it grows within a log, and may leave gaps.
// 0 stands before the first entry.
type Position uint64

// Entry is one record of a log.
type Entry struct {
	// Position is set by the log.
	Position Position
	// Epoch is the writer's [Lease] epoch. The log stores it and does not compare it: a writer that lost its lease is
	// stopped by the expected position, because its successor reads before it writes.
	Epoch uint64
	// Data is opaque, at most MaxEntryBytes.
	Data []byte
	// Time is set by the log when it stores the entry.
	Time time.Time
	// Final says that nothing is expected to follow; see [Log.Unfinished].
	Final bool
}

// Log is what [Store] and [Memory] have in common.
//
// Names of logs and holders are 1 to 128 letters, digits, dashes and underscores; others fail with INVALID_ARGUMENT.
// When storage cannot answer, methods fail with UNAVAILABLE; the call may then have had its effect or not.
type Log interface {
	// Append stores an entry durably behind position after, which must be the last one of the log, and returns its
	// position. It fails with CONFLICT when after is not the last position. A caller that got UNAVAILABLE and asks
	// again with the same after learns by CONFLICT that the entry may be stored: it reads on from after to see.
	Append(ctx context.Context, log string, after Position, entry Entry) (Position, error)

	// Read returns all entries behind after that were stored before the call, in order.
	Read(ctx context.Context, log string, after Position) ([]Entry, error)

	// Last returns the last entry, with one request whatever the log's length; its Position is 0 when there is none.
	Last(ctx context.Context, log string) (Entry, error)

	// Follow calls each for every entry behind after, in order, without gap or repeat, and then for new ones as they
	// are stored. It blocks until ctx ends, and returns its error, or until each fails, and returns that error.
	Follow(ctx context.Context, log string, after Position, each func(Entry) error) error

	// Unfinished returns, sorted, the names of the logs whose last entry is not Final.
	Unfinished(ctx context.Context) ([]string, error)

	// Acquire takes the right to write a log. It fails with CONFLICT (metadata holder) while another holder has it.
	// A lease of the same holder is taken over at once: the earlier one is lost. Each lease of a log has a higher epoch
	// than all before it. A ttl is at least one second; it is rounded up to whole seconds.
	Acquire(ctx context.Context, log, holder string, ttl time.Duration) (*Lease, error)
}

var (
	_ Log = (*Store)(nil)
	_ Log = (*Memory)(nil)
)

// checkName refuses names that are no single NATS subject token.
func checkName(field, name string) error {
	ok := name != "" && len(name) <= maxNameBytes
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
	}
	if !ok {
		return fault.Invalid(field, "string.pattern", "1 to 128 letters, digits, dashes and underscores")
	}
	return nil
}

func checkEntry(log string, entry Entry) error {
	if err := checkName("log", log); err != nil {
		return err
	}
	if len(entry.Data) > MaxEntryBytes {
		return fault.Invalid("entry.data", "bytes.max_len", "at most 512 KiB")
	}
	return nil
}

// checkLease validates the arguments of Acquire and returns the ttl in whole seconds.
func checkLease(log, holder string, ttl time.Duration) (time.Duration, error) {
	if err := checkName("log", log); err != nil {
		return 0, err
	}
	if err := checkName("holder", holder); err != nil {
		return 0, err
	}
	if ttl <= 0 {
		return 0, fault.Invalid("ttl", "duration.gt", "more than zero")
	}
	return (ttl + time.Second - 1).Truncate(time.Second), nil
}

// conflict says that a log went on without the caller.
func conflict(cause error) error { return fault.Wrap(fault.Conflict, cause) }

// heldBy says that a lease belongs to another holder.
func heldBy(holder string) error { return fault.New(fault.Conflict, fault.With("holder", holder)) }
