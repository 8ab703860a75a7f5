// Package relay moves the media of lessons between participants: RelayService. It keeps no state that lasts and
// knows nothing of schools; classroom tells it who may send what.
//
// An offer is checked (internal/offer), answered (internal/signal over Pion, on the sockets of internal/udp), and
// from then on packets go from incoming layers to receive slots (internal/forward with munge, packetcache, layer,
// keyframe, estimate, report and assign). Everything else is said over a data channel (internal/channel).
package relay

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/rpcapi"
	"github.com/tongke-edu/tongke/services/relay/internal/signal"
	"github.com/tongke-edu/tongke/services/relay/internal/udp"
)

// Params of a Service.
type Params struct {
	Config  Config
	Log     *zap.Logger
	Metrics *prometheus.Registry
}

// Service is a relay with open sockets.
type Service struct {
	ports     *udp.Ports
	forwarder *forward.Forwarder
	events    *forward.Events
	handler   *rpcapi.Handler
	close     func() error
}

// New opens the media sockets. Run or Close closes them.
func New(p Params) (*Service, error) {
	if p.Log == nil || p.Metrics == nil {
		return nil, errors.New("relay: log and metrics are required")
	}
	ports, err := udp.Open(udp.Params{
		Listen:     p.Config.Media.Listen,
		Advertise:  p.Config.Media.Advertise,
		DisableUDP: p.Config.Media.DisableUDP,
		Logger:     signal.PionLogger(p.Log, "ice"),
	})
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	signaller, err := signal.New(signal.Params{Ports: ports, Log: p.Log})
	if err != nil {
		return nil, fmt.Errorf("relay: %w", errors.Join(err, ports.Close()))
	}
	events := forward.NewEvents()
	forwarder := forward.New(p.Config.forward(), p.Log, events)
	if err := registerMetrics(p.Metrics, forwarder); err != nil {
		return nil, fmt.Errorf("relay: %w", errors.Join(err, ports.Close()))
	}
	p.Log.Info("media listens", zap.Uint16("port", ports.Port()), zap.Stringers("addresses", ports.Addresses()),
		zap.Stringers("advertised", ports.Advertised()))
	return &Service{
		ports:     ports,
		forwarder: forwarder,
		events:    events,
		handler:   rpcapi.New(forwarder, signaller, events),
		close: sync.OnceValue(func() error {
			if err := ports.Close(); err != nil {
				return fmt.Errorf("relay: close media sockets: %w", err)
			}
			return nil
		}),
	}, nil
}

// Register adds RelayService to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) { relayv1.RegisterRelayServiceServer(r, s.handler) }

// Run serves until ctx ends; then it says goodbye to all participants, waits for every goroutine of theirs, ends
// all watches and closes the sockets. It is called once.
func (s *Service) Run(ctx context.Context) error {
	s.forwarder.Run(ctx.Done())
	s.events.Close()
	return s.Close()
}

// Close closes the media sockets; for a service whose Run was not called. Calling it again does nothing.
func (s *Service) Close() error { return s.close() }

// MediaAddr is where media comes in: the loopback address where the relay listens on it, else the first one.
func (s *Service) MediaAddr() netip.AddrPort {
	addresses := s.ports.Addresses()
	for _, addr := range addresses {
		if addr.IsLoopback() {
			return netip.AddrPortFrom(addr, s.ports.Port())
		}
	}
	return netip.AddrPortFrom(addresses[0], s.ports.Port())
}
