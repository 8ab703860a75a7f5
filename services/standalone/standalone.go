// Package standalone runs all services of Tongke in one process: scheduling, classroom, relay and web, with NATS and
// SQLite embedded. They talk over in-process gRPC with the same servers, rules and identities as they would apart.
package standalone

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/lifecycle"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/classroom"
	"github.com/tongke-edu/tongke/services/relay"
	"github.com/tongke-edu/tongke/services/scheduling"
	"github.com/tongke-edu/tongke/services/web"
	"github.com/tongke-edu/tongke/services/web/client"
)

// Version is set when the binary is built.
var Version = "dev"

// process is the assembled program: the deployment diagram of ARCHITECTURE.md as code.
type process struct {
	group      *lifecycle.Group
	scheduling *scheduling.Service
	relay      *relay.Service
	web        *web.Service
	embedded   *eventlog.Embedded
	logs       eventlog.Log
	// opened is what holds sockets and files. Services free their own when their Run ends; freeing again does no harm.
	opened lifecycle.Closers
}

// assemble builds every part and connects them; nothing serves before the group runs.
func assemble(ctx context.Context, c Config, log *zap.Logger, metrics *prometheus.Registry) (_ *process, err error) {
	p := &process{group: lifecycle.NewGroup(log)}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	a := &assembly{
		process:  p,
		log:      log,
		metrics:  metrics,
		signer:   rpc.NewSigner("standalone", key),
		verifier: rpc.NewVerifier(map[string]ed25519.PublicKey{"standalone": key.Public().(ed25519.PublicKey)}),
	}
	instance, err := instanceID(c.DataDir)
	if err != nil {
		return nil, err
	}

	// Durable logs of lessons.
	p.embedded, err = eventlog.StartEmbedded(eventlog.EmbeddedParams{Dir: filepath.Join(c.DataDir, "log"), Log: log})
	if err != nil {
		return nil, err
	}
	p.opened.Push(func() error { p.embedded.Close(); return nil })
	p.logs, err = eventlog.Open(ctx, eventlog.Params{Embedded: p.embedded, Replicas: 1})
	if err != nil {
		return nil, err
	}

	// What lasts, and the media.
	p.scheduling, err = scheduling.New(scheduling.Params{Config: c.Scheduling, Log: log.Named("scheduling"), Metrics: metrics})
	if err != nil {
		return nil, err
	}
	p.opened.Push(p.scheduling.Close)
	schedulingPipe, err := a.serve("scheduling", p.scheduling)
	if err != nil {
		return nil, err
	}
	p.relay, err = relay.New(relay.Params{Config: c.Relay, Log: log.Named("relay"), Metrics: metrics})
	if err != nil {
		return nil, err
	}
	p.opened.Push(p.relay.Close)
	relayPipe, err := a.serve("relay", p.relay)
	if err != nil {
		return nil, err
	}

	// The live lesson, between the two.
	schedulingConn, err := a.dial("classroom", schedulingPipe)
	if err != nil {
		return nil, err
	}
	relayConn, err := a.dial("classroom", relayPipe)
	if err != nil {
		return nil, err
	}
	lessons, err := classroom.New(classroom.Params{
		Config:     c.Classroom,
		Log:        log.Named("classroom"),
		Metrics:    metrics,
		Logs:       p.logs,
		Scheduling: schedulingv1.NewSchedulingServiceClient(schedulingConn),
		Relay:      relayv1.NewRelayServiceClient(relayConn),
		InstanceID: instance,
	})
	if err != nil {
		return nil, err
	}
	classroomPipe, err := a.serve("classroom", lessons)
	if err != nil {
		return nil, err
	}

	// The edge.
	assets, err := client.Assets()
	if err != nil {
		return nil, err
	}
	directoryConn, err := a.dial("web", schedulingPipe)
	if err != nil {
		return nil, err
	}
	lessonsConn, err := a.dial("web", classroomPipe)
	if err != nil {
		return nil, err
	}
	p.web, err = web.New(web.Params{
		Config:    c.Web,
		Log:       log.Named("web"),
		Metrics:   metrics,
		Signer:    a.signer,
		Directory: directoryv1.NewDirectoryServiceClient(directoryConn),
		Classroom: classroomv1.NewClassroomServiceClient(lessonsConn),
		Backends: map[string]func(context.Context, string) (net.Conn, error){
			directoryv1.DirectoryService_ServiceDesc.ServiceName:   schedulingPipe.DialContext,
			schedulingv1.SchedulingService_ServiceDesc.ServiceName: schedulingPipe.DialContext,
			classroomv1.ClassroomService_ServiceDesc.ServiceName:   classroomPipe.DialContext,
		},
		Assets:  assets,
		Version: Version,
	})
	if err != nil {
		return nil, err
	}
	p.opened.Push(p.web.Close)
	p.group.AddRunner("web", p.web.Run)
	return p, nil
}

// close frees what assemble opened, whether it ran or not.
func (p *process) close() error { return p.opened.Close() }

// unfinished are the lessons that go on now.
func (p *process) unfinished(ctx context.Context) ([]string, error) {
	live, err := p.logs.Unfinished(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for unfinished lessons: %w", err)
	}
	return live, nil
}

// ended says whether a lesson was held and is over.
func (p *process) ended(ctx context.Context, lessonID string) (bool, error) {
	last, err := p.logs.Last(ctx, lessonID)
	return last.Final, err
}

// assembly makes servers and connections that trust each other.
type assembly struct {
	process  *process
	log      *zap.Logger
	metrics  *prometheus.Registry
	signer   *rpc.Signer
	verifier *rpc.Verifier
}

// dial connects a service, in its own name, to another.
func (a *assembly) dial(name string, pipe *rpc.Pipe) (*grpc.ClientConn, error) {
	conn, err := rpc.Dial(rpc.ClientParams{Dialer: pipe.DialContext, Identity: rpc.ServiceIdentity(name), Signer: a.signer})
	if err != nil {
		return nil, err
	}
	a.process.opened.Push(conn.Close)
	return conn, nil
}

// service is what every service of Tongke offers.
type service interface {
	Register(grpc.ServiceRegistrar)
	Run(ctx context.Context) error
}

// serve adds a service and its gRPC server to the group and returns the pipe that leads to it.
func (a *assembly) serve(name string, s service) (*rpc.Pipe, error) {
	server, err := rpc.NewServer(rpc.ServerParams{Name: name, Log: a.log.Named(name), Metrics: a.metrics, Verifier: a.verifier})
	if err != nil {
		return nil, err
	}
	s.Register(server.Registrar())
	pipe := rpc.NewPipe()
	a.process.group.AddRunner(name, s.Run)
	a.process.group.Add(lifecycle.Part{
		Name: name + " gRPC",
		Start: func(context.Context) error {
			go func() { // ends when Stop closes the server
				if err := server.Serve(pipe.Listener()); err != nil {
					a.log.Error("gRPC server ended", zap.String("service", name), zap.Error(err))
				}
			}()
			server.SetServing(true)
			return nil
		},
		Stop: func(ctx context.Context) error {
			server.Stop(ctx)
			pipe.Close()
			return nil
		},
	})
	return pipe, nil
}
