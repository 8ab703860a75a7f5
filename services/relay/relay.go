// Package relay moves the media of lessons between participants: RelayService. It keeps no state that lasts and
// knows nothing of schools; classroom tells it who may send what.
//
// An offer is checked (internal/offer) and answered (internal/answer); the connection that follows is internal/peer's,
// with stun and srtp, on the sockets of internal/wire. From then on packets go from incoming layers to receive slots
// (internal/forward with munge, packetcache, layer, keyframe, nack, estimate, report and assign), each batch of a
// socket on the goroutine that read it. Everything else is said over a data channel (internal/channel).
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
	"github.com/tongke-edu/tongke/services/relay/internal/load"
	"github.com/tongke-edu/tongke/services/relay/internal/peer"
	"github.com/tongke-edu/tongke/services/relay/internal/rpcapi"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// Params of a Service.
type Params struct {
	Config  Config
	Log     *zap.Logger
	Metrics *prometheus.Registry
}

// Service is a relay with open sockets.
type Service struct {
	ports     *wire.Ports
	hub       *peer.Hub
	forwarder *forward.Forwarder
	meter     *load.Meter
	log       *zap.Logger
	events    *forward.Events
	handler   *rpcapi.Handler
	close     func() error
}

// New opens the media sockets. Run or Close closes them.
func New(p Params) (*Service, error) {
	if p.Log == nil || p.Metrics == nil {
		return nil, errors.New("relay: log and metrics are required")
	}
	ports, err := wire.Open(wire.Params{
		Listen:     p.Config.Media.Listen,
		Advertise:  p.Config.Media.Advertise,
		DisableUDP: p.Config.Media.DisableUDP,
		Log:        p.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	hub, err := peer.New(peer.Params{Ports: ports, Log: p.Log})
	if err != nil {
		return nil, fmt.Errorf("relay: %w", errors.Join(err, ports.Close()))
	}
	events := forward.NewEvents()
	forwarder := forward.New(p.Config.forward(), p.Log, events, ports)
	meter := load.NewMeter(p.Config.budget())
	err = errors.Join(registerMetrics(p.Metrics, forwarder, ports), registerLoad(p.Metrics, forwarder, meter))
	if err != nil {
		return nil, fmt.Errorf("relay: %w", errors.Join(err, ports.Close()))
	}
	p.Log.Info("media listens", zap.Uint16("port", ports.Port()), zap.Stringers("addresses", ports.Addresses()),
		zap.Stringers("advertised", ports.Advertised()))
	return &Service{
		ports:     ports,
		hub:       hub,
		forwarder: forwarder,
		meter:     meter,
		log:       p.Log,
		events:    events,
		handler:   rpcapi.New(forwarder, hub, events),
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
	var reading sync.WaitGroup
	reading.Go(func() { s.ports.Serve(s.hub) })
	reading.Go(func() { s.meter.Run(ctx.Done(), s.relieve()) })
	s.forwarder.Run(ctx.Done())
	s.events.Close()
	err := s.Close()
	reading.Wait()
	return err
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
