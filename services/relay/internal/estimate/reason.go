package estimate

import "time"

// Cause is why the budget is what it is.
type Cause uint8

// Causes.
const (
	Start       Cause = iota // nothing has been told yet
	Queue                    // packets waited for more than 50 ms: less is sent than arrives
	Lingering                // a small queue stood for two seconds
	Drained                  // the queue is gone: what arrived meanwhile is the budget
	PathChanged              // the queue did not yield to sending less: the path is longer, or another fills it
	Loss                     // more than 10 % was lost
	LinkLoss                 // as much is lost when less is sent: the link loses it at any rate
	Probed                   // a probe has shown that more fits
	ProbeFailed              // a probe has shown that no more fits
	Silence                  // no feedback comes
	Returned                 // feedback comes again
	Reports                  // judged by receiver reports
)

var causes = [...]string{
	"start", "queue", "lingering queue", "drained", "path changed", "loss", "loss of the link", "probed", "probe failed",
	"silence", "returned", "receiver reports",
}

// String names a cause for logs and tables.
func (c Cause) String() string {
	if int(c) < len(causes) {
		return causes[c]
	}
	return "unknown"
}

// Reason is one decision with what was known when it was made.
type Reason struct {
	Cause        Cause
	At           time.Time
	From, To     int // budget before and after, bits per second; equal when it was kept
	Sent         int // bits per second lately,
	Acknowledged int // and of those what arrived
	Queue        time.Duration
	Loss         float64 // 0 to 1, of the last second
	LinkLoss     float64 // the part of it that does not depend on what is sent
	RoundTrip    time.Duration
}
