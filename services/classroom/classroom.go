// Package classroom is the service of live lessons: tongke.classroom.v1.ClassroomService. It owns the lesson logs,
// who is in a lesson and on stage, polls, attendance, and what the relay may forward. It moves no media and keeps no
// database: what it knows is in the logs, what was planned is scheduling's.
package classroom

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/health"
	"github.com/tongke-edu/tongke/services/classroom/internal/placement"
	"github.com/tongke-edu/tongke/services/classroom/internal/planning"
	"github.com/tongke-edu/tongke/services/classroom/internal/rpcapi"
	"github.com/tongke-edu/tongke/services/classroom/internal/session"
)

// Params is what the service needs from outside.
type Params struct {
	Config     Config
	Log        *zap.Logger
	Metrics    *prometheus.Registry
	Logs       eventlog.Log
	Scheduling schedulingv1.SchedulingServiceClient
	Relay      relayv1.RelayServiceClient
	// InstanceID names this instance; kept over restarts, it lets the instance reclaim its own lessons at once.
	InstanceID string
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// Service is one instance.
type Service struct {
	lessons *session.Registry
	health  *health.Monitor
	api     *rpcapi.Server
	// stopping is closed when Run is about to return.
	stopping chan struct{}
}

// New returns a service that serves once Run runs.
func New(p Params) (*Service, error) {
	if err := p.Config.check(); err != nil {
		return nil, err
	}
	if p.Log == nil || p.Logs == nil || p.Scheduling == nil || p.Relay == nil || p.InstanceID == "" {
		return nil, errors.New("classroom: log, logs, scheduling, relay and instance id are needed")
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	planner := planning.New(p.Scheduling, planning.Rules{
		Lead: p.Config.OpenBefore, Overrun: p.Config.Overrun, StageSize: p.Config.StageSize,
	})
	lessons := session.NewRegistry(session.Params{
		Config:  p.Config.session(),
		Log:     p.Log,
		Metrics: session.NewMetrics(p.Metrics),
		Logs:    p.Logs,
		Planner: planner,
		Relay:   placement.NewRelay(p.Relay),
		Holder:  p.InstanceID,
		Now:     p.Now,
	})
	monitor := health.NewMonitor(health.Params{
		Log: p.Log, Lessons: lessons, Plan: planner, Relay: p.Relay, Now: p.Now,
	})
	stopping := make(chan struct{})
	return &Service{
		lessons:  lessons,
		health:   monitor,
		api:      rpcapi.New(lessons, monitor, p.Now, stopping),
		stopping: stopping,
	}, nil
}

// Register adds the service to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	classroomv1.RegisterClassroomServiceServer(r, s.api)
}

// Run recovers lessons that did not end and serves until ctx ends; calls outside that time fail with UNAVAILABLE.
// It returns when all goroutines have ended; streams have then been told. A service runs once.
func (s *Service) Run(ctx context.Context) error {
	var work sync.WaitGroup
	work.Go(func() { s.lessons.Run(ctx) })
	work.Go(func() { s.health.Run(ctx) })
	<-ctx.Done()
	close(s.stopping)
	work.Wait()
	return nil
}
