// Package session runs live lessons. A Session is the one writer of a lesson's log: commands are serialised on its
// goroutine, decided by package lesson, stored, and only then acknowledged and handed to those who attend. The
// Registry owns the sessions: it opens them, recovers them at start, and forgets those that ended.
//
// Goroutines: one loop and one media pusher per open lesson, one sender per attending stream; Registry.Run returns
// when all have ended. States are immutable, so that readers never wait for the writer, which may stall for seconds
// while its storage elects a leader.
package session

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/placement"
)

// Config is how patient sessions are.
type Config struct {
	// Grace is how long a participant without a stream still counts as present.
	Grace time.Duration
	// Absence is how long after that it is expected back before it has left.
	Absence time.Duration
	// MediaPatience is how long the media of somebody who came with a token may take to come up.
	MediaPatience time.Duration
	// Heartbeat is the time between heartbeats on a stream.
	Heartbeat time.Duration
	// QueueLimit is how many events may be published while a stream is busy with one message before it is cut, if that
	// message has waited for Patience: a burst alone is nobody's fault.
	QueueLimit uint64
	Patience   time.Duration
	// StallLimit is how long one message may wait to be sent before its stream is cut.
	StallLimit time.Duration
	// LeaseTTL is how long a lesson is orphaned after its instance died.
	LeaseTTL time.Duration
	// Retain is how long an ended lesson stays in memory after it was last used.
	Retain time.Duration
	// RecoverEvery is how often lessons are looked for whose instance died.
	RecoverEvery time.Duration
	// PlanEvery is how often the plans of waiting lessons are read again.
	PlanEvery time.Duration
}

// DefaultConfig is what the design asks for.
func DefaultConfig() Config {
	return Config{
		Grace:         1500 * time.Millisecond,
		Absence:       time.Minute,
		MediaPatience: 20 * time.Second,
		Heartbeat:     2 * time.Second,
		QueueLimit:    256,
		Patience:      time.Second,
		StallLimit:    10 * time.Second,
		LeaseTTL:      3 * time.Second,
		Retain:        time.Minute,
		RecoverEvery:  30 * time.Second,
		PlanEvery:     10 * time.Second,
	}
}

// Relay is what a session needs of the relay that serves its lesson.
type Relay interface {
	Connect(ctx context.Context, lessonID, participantID string, offer placement.Offer, p placement.Policy) (placement.Answer, error)
	SetPolicy(ctx context.Context, lessonID string, p placement.Policy) error
	Disconnect(ctx context.Context, lessonID, participantID string) error
	CloseLesson(ctx context.Context, lessonID string) error
}

// Planner finds the plan of a lesson that has no log yet. It fails with NOT_FOUND.
type Planner interface {
	Plan(ctx context.Context, lessonID string) (lesson.Open, error)
}

// Params is what the Registry needs.
type Params struct {
	Config  Config
	Log     *zap.Logger
	Metrics *Metrics
	Logs    eventlog.Log
	Planner Planner
	Relay   Relay
	// Holder names this instance; after a restart it reclaims its own leases at once.
	Holder string
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}
