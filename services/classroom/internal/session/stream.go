package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// Sink takes what a stream sends; one call at a time. A call may wait for its reader.
type Sink interface {
	Snapshot(*lesson.State) error
	Event(lesson.Event) error
	Heartbeat(now time.Time, lastOrdinal uint64) error
}

// Attendance is a wish to attend.
type Attendance struct {
	Member lesson.Member
	// Window is the name of the window as its client chose it.
	Window string
	// From is the last ordinal that the client has; 0 asks for a snapshot.
	From uint64
	// TakeOver is true when a person opened the window.
	TakeOver bool
}

// attendee is what the session knows of a participant beyond the log.
type attendee struct {
	// stream is the one that counts; nil while the participant has none.
	stream *stream
	// dropped is when its last stream ended.
	dropped time.Time
}

// stream is one reader of the lesson. It keeps no queue of its own: it has a place in the session's events.
type stream struct {
	participant string
	window      string
	// sent is the last ordinal that was sent; only the sender uses it.
	sent uint64
	// snapshot is what the stream begins with; nil to begin with events.
	snapshot *lesson.State
	// wake says that there is more.
	wake chan struct{}

	// busyAt is how far the log had come when the running call of the sink began, plus one; 0 while none runs.
	busyAt atomic.Uint64
	// busySince is when that call began, in Unix nanoseconds.
	busySince atomic.Int64
	// limit and patience are how many events and how much time one call may take before the stream is cut.
	limit    uint64
	patience time.Duration

	once  sync.Once
	ended chan struct{}
	err   error // set before ended is closed
}

// end cuts the stream; the first reason counts, nil ends it in peace.
func (st *stream) end(reason error) {
	st.once.Do(func() {
		st.err = reason
		close(st.ended)
	})
}

// published tells the stream how far the log has come, and cuts it when it is not read.
func (st *stream) published(last uint64) {
	if began := st.busyAt.Load(); began > 0 && last >= began && last-began >= st.limit && st.stalled() > st.patience {
		st.end(errNotRead)
	}
	select {
	case st.wake <- struct{}{}:
	default:
	}
}

// stalled is how long the running call of the sink has taken; 0 while none runs.
func (st *stream) stalled() time.Duration {
	if since := st.busySince.Load(); since > 0 {
		return time.Since(time.Unix(0, since))
	}
	return 0
}

var errNotRead error = fault.New(fault.ResourceExhausted)

// begin places a stream: behind the events that its client has, or behind a snapshot.
func (st *stream) begin(from uint64, state *lesson.State) {
	st.sent = from
	if from == 0 {
		st.snapshot, st.sent = state, state.Ordinal
	}
}

// over tells whether the stream or its caller has ended.
func (st *stream) over(ctx context.Context) bool {
	select {
	case <-st.ended:
		return true
	case <-ctx.Done():
		st.end(fault.From(ctx.Err()))
		return true
	default:
		return false
	}
}

// WindowHash is what the log tells of a window: enough to tell windows apart, too little to pass for one.
func WindowHash(window string) string {
	sum := sha256.Sum256([]byte(window))
	return hex.EncodeToString(sum[:8])
}
