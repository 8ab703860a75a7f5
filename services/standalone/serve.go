package standalone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/lifecycle"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/scheduling"
)

// stopGrace is how long parts may take to stop: calls end, participants are told, sockets close.
const stopGrace = 10 * time.Second

// Options of one start.
type Options struct {
	// Demo loads demo schools, accounts and lessons.
	Demo bool
	// ReadyJSON prints one JSON line instead of the welcome.
	ReadyJSON bool
	// Ports replace those of the configuration; 0 takes a free one. A port that nobody asked for gives way when it
	// is taken; one that was asked for is an error.
	Port, TLSPort, MediaPort *int
	Out                      io.Writer
}

// Serve starts everything, prints where it is, and runs until ctx ends.
func Serve(ctx context.Context, c Config, o Options) (err error) {
	began := time.Now()
	c.DataDir, err = filepath.Abs(c.DataDir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	log, err := telemetry.NewLogger(c.Log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	if err := openDataDir(c.DataDir, log); err != nil {
		return err
	}
	c.inDataDir()
	if err := choosePorts(&c, o, log); err != nil {
		return err
	}
	udpOpen := udpPasses(ctx)

	metrics := telemetry.NewRegistry()
	p, err := assemble(ctx, c, log, metrics)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	var first string
	if o.Demo {
		if first, err = seedDemo(ctx, p, time.Now()); err != nil {
			return err
		}
	}
	if c.Metrics != "" {
		if err := addMetricsServer(p.group, c.Metrics, telemetry.Handler(metrics)); err != nil {
			return err
		}
	}
	return p.group.Run(ctx, stopGrace, func() {
		welcome(o, c, p, udpOpen, first, time.Since(began))
	})
}

// addMetricsServer serves metrics and profiles on an address of their own.
func addMetricsServer(group *lifecycle.Group, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	group.AddRunner("metrics", func(ctx context.Context) error {
		stop := context.AfterFunc(ctx, func() { _ = server.Close() })
		defer stop()
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("metrics: %w", err)
		}
		return nil
	})
	return nil
}

// accounts is what the admin commands need of scheduling.
type accounts interface {
	CreateAdministrator(ctx context.Context, login, name, password string) error
	SetPassword(ctx context.Context, login, password string) error
}

// withDirectory opens the database of the data directory for one command.
func withDirectory(ctx context.Context, settings *settingsFlags, do func(context.Context, accounts) error) error {
	c, err := settings.load(nil)
	if err != nil {
		return err
	}
	if err := openDataDir(c.DataDir, zap.NewNop()); err != nil {
		return err
	}
	c.inDataDir()
	s, err := scheduling.New(scheduling.Params{Config: c.Scheduling, Log: zap.NewNop(), Metrics: telemetry.NewRegistry()})
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, s), s.Close())
}
