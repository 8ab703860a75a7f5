// Package telemetry builds loggers and metric registries, and names the fields that log lines share.
// It keeps no state of its own: what it builds is handed to constructors.
package telemetry

import (
	"fmt"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Names of log fields. One name for one thing, in every service.
const (
	LessonID      = "lesson_id"
	ParticipantID = "participant_id"
	CampusID      = "campus_id"
	TrackID       = "track_id"
	ConnectionID  = "connection_id"
	Method        = "method"
	Reason        = "reason"
)

// LogConfig says how to write the log.
type LogConfig struct {
	// Level is the lowest level written: debug, info, warn or error.
	Level string `koanf:"level"`
	// Format is "console" for people or "json" for machines.
	Format string `koanf:"format"`
}

// DefaultLogConfig writes info and above for people.
func DefaultLogConfig() LogConfig { return LogConfig{Level: "info", Format: "console"} }

// NewLogger returns a logger that writes to standard error. The caller syncs it before the process ends.
func NewLogger(c LogConfig) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(c.Level)
	if err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}
	var z zap.Config
	switch c.Format {
	case "json":
		z = zap.NewProductionConfig()
		z.EncoderConfig.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	case "console":
		z = zap.NewDevelopmentConfig()
		z.Development = false
		z.EncoderConfig.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05.000")
		z.DisableCaller = true
	default:
		return nil, fmt.Errorf("log format: %q is neither console nor json", c.Format)
	}
	z.Level = zap.NewAtomicLevelAt(level)
	z.DisableStacktrace = true
	return z.Build()
}

// NewRegistry returns a registry that already measures the Go runtime and the process.
func NewRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return r
}

// Handler serves /metrics and /debug/pprof/. It belongs on an address that only operators reach.
func Handler(r *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{Registry: r}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
