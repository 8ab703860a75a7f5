package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/lifecycle"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/relay"
)

// stopGrace is how long participants and callers have to hear that the relay stops.
const stopGrace = 10 * time.Second

// settings is everything that can be set; those of the relay itself stand beside the process's own.
type settings struct {
	Listen  string              `koanf:"listen" doc:"Address of gRPC."`
	Metrics string              `koanf:"metrics" doc:"Address of /metrics and /debug/pprof, such as 127.0.0.1:9090. Empty: none. Keep it off the open network."`
	Log     telemetry.LogConfig `koanf:"log"`
	Media   relay.MediaConfig   `koanf:"media"`
	Limits  relay.LimitsConfig  `koanf:"limits"`
}

func defaultConfig() settings {
	own := relay.DefaultConfig()
	return settings{Listen: "127.0.0.1:7000", Log: telemetry.DefaultLogConfig(), Media: own.Media, Limits: own.Limits}
}

// options of one start.
type options struct {
	trust          map[string]string
	trustedNetwork bool
	readyJSON      bool
	out            io.Writer
}

// addresses is the line that says where everything listens.
type addresses struct {
	GRPC    string `json:"grpc"`
	Media   string `json:"media"`
	Metrics string `json:"metrics,omitempty"`
}

// serve opens everything, says where it is, and runs until ctx ends.
func serve(ctx context.Context, s settings, o options) error {
	keys, err := readKeys(o.trust)
	if err != nil {
		return err
	}
	log, err := telemetry.NewLogger(s.Log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	listener, err := listen(s.Listen, o.trustedNetwork)
	if err != nil {
		return err
	}
	metrics := telemetry.NewRegistry()
	media, err := relay.New(relay.Params{Config: relay.Config{Media: s.Media, Limits: s.Limits}, Log: log, Metrics: metrics})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server, err := rpc.NewServer(rpc.ServerParams{Name: "relay", Log: log, Metrics: metrics, Verifier: rpc.NewVerifier(keys)})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	media.Register(server.Registrar())

	where := addresses{GRPC: listener.Addr().String(), Media: media.MediaAddr().String()}
	group := lifecycle.NewGroup(log)
	group.AddRunner("media", media.Run)
	group.Add(grpcPart(server, listener, log))
	if s.Metrics != "" {
		if where.Metrics, err = addMetrics(group, s.Metrics, metrics); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	return group.Run(ctx, stopGrace, func() { welcome(o, where, log) })
}

// listen opens the address of gRPC. As long as calls are not encrypted it has to be a loopback one.
func listen(address string, trustedNetwork bool) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("gRPC: %w", err)
	}
	tcp, ok := listener.Addr().(*net.TCPAddr)
	if loopback := ok && tcp.IP.IsLoopback(); !loopback && !trustedNetwork {
		return nil, errors.Join(fmt.Errorf("gRPC on %s would be open to the network without encryption: "+
			"use a loopback address, or --trusted-network where nobody else can reach it", address), listener.Close())
	}
	return listener, nil
}

func grpcPart(server *rpc.Server, listener net.Listener, log *zap.Logger) lifecycle.Part {
	return lifecycle.Part{
		Name: "gRPC",
		Start: func(context.Context) error {
			go func() { // ends when Stop closes the server
				if err := server.Serve(listener); err != nil {
					log.Error("gRPC server ended", zap.Error(err))
				}
			}()
			server.SetServing(true)
			return nil
		},
		Stop: func(ctx context.Context) error {
			server.Stop(ctx)
			return nil
		},
	}
}

// addMetrics serves metrics and profiles on an address of their own, which it returns.
func addMetrics(group *lifecycle.Group, address string, metrics *prometheus.Registry) (string, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", fmt.Errorf("metrics: %w", err)
	}
	server := &http.Server{Handler: telemetry.Handler(metrics), ReadHeaderTimeout: 5 * time.Second}
	group.AddRunner("metrics", func(ctx context.Context) error {
		defer context.AfterFunc(ctx, func() { _ = server.Close() })()
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("metrics: %w", err)
		}
		return nil
	})
	return listener.Addr().String(), nil
}

func welcome(o options, where addresses, log *zap.Logger) {
	if !o.readyJSON {
		log.Info("relay is ready", zap.String("grpc", where.GRPC), zap.String("media", where.Media))
		return
	}
	if err := json.NewEncoder(o.out).Encode(where); err != nil {
		log.Error("cannot say that the relay is ready", zap.Error(err))
	}
}
