package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"buf.build/go/protovalidate"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
)

// Limits bound what one caller can cost. Zero fields take the defaults.
type Limits struct {
	// MaxRequestBytes is the largest request message; 1 MiB by default.
	MaxRequestBytes int
	// MaxResponseBytes is the largest response message; 4 MiB by default.
	MaxResponseBytes int
	// MaxStreams is how many calls one connection carries at a time; 10,000 by default.
	MaxStreams uint32
	// UnaryTimeout bounds unary calls that come without a deadline; 30 s by default.
	UnaryTimeout time.Duration
}

func (l Limits) withDefaults() Limits {
	if l.MaxRequestBytes == 0 {
		l.MaxRequestBytes = 1 << 20
	}
	if l.MaxResponseBytes == 0 {
		l.MaxResponseBytes = 4 << 20
	}
	if l.MaxStreams == 0 {
		l.MaxStreams = 10_000
	}
	if l.UnaryTimeout == 0 {
		l.UnaryTimeout = 30 * time.Second
	}
	return l
}

// ServerParams is what a server needs. Name is that of the service ("scheduling") and part of its metrics' names.
type ServerParams struct {
	Name    string
	Log     *zap.Logger
	Metrics *prometheus.Registry
	// Verifier checks identities; nil refuses every call that carries one.
	Verifier *Verifier
	Limits   Limits
}

// Server is a gRPC server with Tongke's rules: every call is observed, recovered, identified, authorised by the rule
// on its method, validated, and its errors leave as faults. It is not serving until SetServing(true).
type Server struct {
	grpc   *grpc.Server
	health *health.Server
}

// NewServer returns a server without services; register them at Registrar before Serve.
func NewServer(p ServerParams) (*Server, error) {
	if p.Name == "" || p.Log == nil || p.Metrics == nil {
		return nil, errors.New("rpc server: name, log and metrics are required")
	}
	validator, err := protovalidate.New()
	if err != nil {
		return nil, fmt.Errorf("rpc server: %w", err)
	}
	metrics, err := newServerMetrics(p.Name, p.Metrics)
	if err != nil {
		return nil, fmt.Errorf("rpc server: %w", err)
	}
	limits := p.Limits.withDefaults()
	c := chain{
		log:       p.Log,
		metrics:   metrics,
		verifier:  p.Verifier,
		validator: validator,
		timeout:   limits.UnaryTimeout,
	}
	s := &Server{
		grpc: grpc.NewServer(
			grpc.ChainUnaryInterceptor(c.observeUnary, c.recoverUnary, c.authorizeUnary, c.validateUnary),
			grpc.ChainStreamInterceptor(c.observeStream, c.recoverStream, c.authorizeStream, c.validateStream),
			grpc.MaxRecvMsgSize(limits.MaxRequestBytes),
			grpc.MaxSendMsgSize(limits.MaxResponseBytes),
			grpc.MaxConcurrentStreams(limits.MaxStreams),
			grpc.KeepaliveParams(keepalive.ServerParameters{Time: 20 * time.Second, Timeout: 10 * time.Second}),
			grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
			grpc.WaitForHandlers(true),
		),
		health: health.NewServer(),
	}
	s.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	healthpb.RegisterHealthServer(s.grpc, s.health)
	return s, nil
}

// Registrar takes the services.
func (s *Server) Registrar() grpc.ServiceRegistrar { return s.grpc }

// Serve accepts calls until Stop; it may run on several listeners at once. It returns nil after Stop.
func (s *Server) Serve(l net.Listener) error {
	if err := s.grpc.Serve(l); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// SetServing tells health checks, for the server and each of its services, whether to send calls here.
func (s *Server) SetServing(serving bool) {
	status := healthpb.HealthCheckResponse_NOT_SERVING
	if serving {
		status = healthpb.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus("", status)
	for name := range s.grpc.GetServiceInfo() {
		s.health.SetServingStatus(name, status)
	}
}

// Stop reports not serving, refuses new calls, waits for those that run, and cuts them when ctx ends.
// It returns when no handler runs any more.
func (s *Server) Stop(ctx context.Context) {
	s.health.Shutdown()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.grpc.GracefulStop()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
	}
}
