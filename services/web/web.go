// Package web is all that browsers talk to: the built client, sign-in and pairing, and the calls to the services behind
// it. It holds no business rule and no state that another instance would need.
//
// New binds the addresses; Run owns all goroutines and ends them before it returns.
package web

import (
	"context"
	"crypto/tls"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	webv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/web/internal/edge"
	"github.com/tongke-edu/tongke/services/web/internal/identity"
	"github.com/tongke-edu/tongke/services/web/internal/listener"
	"github.com/tongke-edu/tongke/services/web/internal/static"
	"github.com/tongke-edu/tongke/services/web/internal/whip"
)

// The first parts of paths that are no files.
const (
	rpcPrefix  = "/tongke."
	whipPrefix = "/whip/"
	whepPrefix = "/whep/"
)

// Params is what web needs.
type Params struct {
	Config  Config
	Log     *zap.Logger
	Metrics *prometheus.Registry
	// Signer vouches for browsers' identities towards the services.
	Signer    *rpc.Signer
	Directory directoryv1.DirectoryServiceClient
	// Classroom serves encoders and players, in web's own name; nil serves browsers only.
	Classroom classroomv1.ClassroomServiceClient
	// Backends has a dialer for each service behind web, by full name.
	Backends map[string]func(ctx context.Context, addr string) (net.Conn, error)
	// Assets is the built client; nil serves calls only.
	Assets fs.FS
	// Version is told to clients.
	Version string
}

// Service is web, listening.
type Service struct {
	log       *zap.Logger
	config    Config
	pipe      *rpc.Pipe
	sessions  *rpc.Server
	streams   *identity.Streams
	edge      *edge.Edge
	whip      http.Handler
	handler   http.Handler
	listeners []*listener.Listener
	stopping  atomic.Bool
}

// New binds the configured addresses; Run serves and frees them, Close frees those of a service that did not run. It fails when an address is taken.
func New(p Params) (*Service, error) {
	if err := p.Config.check(); err != nil {
		return nil, err
	}
	trusted, err := p.Config.trustedProxies()
	if err != nil {
		return nil, err
	}
	resolver := identity.NewResolver(p.Directory)
	s := &Service{
		log:     p.Log,
		config:  p.Config,
		pipe:    rpc.NewPipe(),
		streams: identity.NewStreams(resolver),
	}
	s.sessions, err = rpc.NewServer(rpc.ServerParams{Name: "web", Log: p.Log, Metrics: p.Metrics})
	if err != nil {
		return nil, err
	}
	webv1.RegisterSessionServiceServer(s.sessions.Registrar(), identity.NewService(p.Directory, resolver, s.streams, p.Version))
	services := map[string]edge.Dialer{webv1.SessionService_ServiceDesc.ServiceName: s.pipe.DialContext}
	for name, dial := range p.Backends {
		services[name] = dial
	}
	origin := edge.NewOrigin(trusted)
	s.edge, err = edge.New(edge.Params{
		Log:            p.Log,
		Metrics:        p.Metrics,
		Signer:         p.Signer,
		Resolver:       resolver,
		Streams:        s.streams,
		Origin:         origin,
		TrustedOrigins: p.Config.TrustedOrigins,
		Services:       services,
		Limits:         p.Config.Limits.edge(),
	})
	if err != nil {
		return nil, err
	}
	s.whip = http.NotFoundHandler()
	if p.Classroom != nil {
		s.whip = whip.New(whip.Params{
			Log: p.Log, Metrics: p.Metrics, Classroom: p.Classroom, Address: origin.Address,
			CallsPerSecond: p.Config.Limits.CallsPerSecond, CallsBurst: p.Config.Limits.CallsBurst,
		})
	}
	if s.handler, err = s.routes(p.Assets); err != nil {
		return nil, err
	}
	if err := s.listen(p.Metrics); err != nil {
		s.stopListeners(context.Background())
		return nil, err
	}
	return s, nil
}

// Handler returns what is served at every address. It answers calls while Run runs.
func (s *Service) Handler() http.Handler { return s.handler }

// Addresses returns the bound addresses as URLs, the plain one first.
func (s *Service) Addresses() []string {
	out := make([]string, 0, len(s.listeners))
	for _, l := range s.listeners {
		out = append(out, l.URL())
	}
	return out
}

// routes sends calls to the edge, encoders and players to their endpoints, and everything else to the built client.
func (s *Service) routes(assets fs.FS) (http.Handler, error) {
	files := http.NotFoundHandler()
	if assets != nil {
		var err error
		if files, err = static.New(assets); err != nil {
			return nil, err
		}
	}
	return static.WithHeaders(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, rpcPrefix):
			s.edge.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, whipPrefix), strings.HasPrefix(r.URL.Path, whepPrefix):
			s.whip.ServeHTTP(w, r)
		case r.URL.Path == "/healthz":
			s.health(w)
		default:
			files.ServeHTTP(w, r)
		}
	})), nil
}

// health tells load balancers whether to send requests here.
func (s *Service) health(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	if s.stopping.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

func (s *Service) listen(metrics *prometheus.Registry) error {
	slow := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "tongke_web_slow_readers_total",
		Help: "Clients that were cut because they did not read what was sent to them.",
	})
	metrics.MustRegister(slow)
	open := func(address string, certificate *tls.Config) error {
		if address == "" {
			return nil
		}
		l, err := listener.Open(listener.Params{
			Address:    address,
			TLS:        certificate,
			Handler:    s.handler,
			Log:        s.log,
			WriteTime:  s.config.WriteTimeout,
			SlowReader: slow.Inc,
		})
		if err == nil {
			s.listeners = append(s.listeners, l)
		}
		return err
	}
	if err := open(s.config.Listen, nil); err != nil {
		return err
	}
	if s.config.ListenTLS == "" {
		return nil
	}
	certificate, err := s.config.TLS.certificate()
	if err != nil {
		return err
	}
	return open(s.config.ListenTLS, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
}

// Run serves until ctx ends, then tells open streams to go elsewhere and waits for calls that run, up to the
// configured grace.
func (s *Service) Run(ctx context.Context) error {
	// The parts outlive ctx: they stop in order, below.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	work, running := errgroup.WithContext(running)
	work.Go(func() error { return s.sessions.Serve(s.pipe.Listener()) })
	work.Go(func() error { s.streams.Sweep(running); return nil })
	for _, l := range s.listeners {
		work.Go(l.Serve)
	}
	s.sessions.SetServing(true)
	select {
	case <-ctx.Done():
	case <-running.Done(): // a part failed
	}
	s.stop(context.WithoutCancel(ctx))
	cancel()
	return work.Wait()
}

// Close frees what New opened; for a service whose Run was not called. Calling it again does nothing.
func (s *Service) Close() error {
	s.stop(context.Background())
	return nil
}

func (s *Service) stop(ctx context.Context) {
	if s.stopping.Swap(true) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.StopGrace)
	defer cancel()
	s.streams.Close()
	s.stopListeners(ctx)
	s.edge.Close()
	s.sessions.Stop(ctx)
	s.pipe.Close()
}

func (s *Service) stopListeners(ctx context.Context) {
	var all sync.WaitGroup
	for _, l := range s.listeners {
		all.Go(func() { l.Stop(ctx) })
	}
	all.Wait()
}
