package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/telemetry"
)

// chain holds what the server's interceptors share. They run in the order observe, recover, authorize, validate.
type chain struct {
	log       *zap.Logger
	metrics   *serverMetrics
	verifier  *Verifier
	validator protovalidate.Validator
	timeout   time.Duration
}

type serverMetrics struct {
	duration *prometheus.HistogramVec
	streams  *prometheus.GaugeVec
}

// newServerMetrics registers the metrics of a server; two servers of one name on one registry share them.
func newServerMetrics(name string, r *prometheus.Registry) (*serverMetrics, error) {
	prefix := "tongke_" + strings.ReplaceAll(name, "-", "_")
	m := &serverMetrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    prefix + "_request_duration_seconds",
			Help:    "Time from a unary call's arrival to its answer, by method and reason (OK when it succeeded).",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "reason"}),
		streams: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: prefix + "_open_streams",
			Help: "Server streams that are open now, by method.",
		}, []string{"method"}),
	}
	var taken prometheus.AlreadyRegisteredError
	if err := r.Register(m.duration); errors.As(err, &taken) {
		m.duration = taken.ExistingCollector.(*prometheus.HistogramVec)
	} else if err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", name, err)
	}
	if err := r.Register(m.streams); errors.As(err, &taken) {
		m.streams = taken.ExistingCollector.(*prometheus.GaugeVec)
	} else if err != nil {
		return nil, fmt.Errorf("metrics of %s: %w", name, err)
	}
	return m, nil
}

// observeUnary is the outermost interceptor: it turns every error into a fault's status, counts and logs it.
func (c chain) observeUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	start := time.Now()
	resp, err := next(ctx, req)
	took := time.Since(start)
	c.metrics.duration.WithLabelValues(info.FullMethod, label(err)).Observe(took.Seconds())
	c.logCall(info.FullMethod, err, took)
	if err != nil {
		return nil, fault.From(err).GRPCStatus().Err()
	}
	return resp, nil
}

func (c chain) observeStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	open := c.metrics.streams.WithLabelValues(info.FullMethod)
	open.Inc()
	defer open.Dec()
	start := time.Now()
	err := next(srv, stream)
	c.logCall(info.FullMethod, err, time.Since(start))
	if err != nil {
		return fault.From(err).GRPCStatus().Err()
	}
	return nil
}

// logCall writes faults of the server as errors, all else for debugging only: callers' mistakes are no news.
func (c chain) logCall(method string, err error, took time.Duration) {
	fields := []zap.Field{zap.String(telemetry.Method, method), zap.Duration("took", took)}
	switch r := fault.ReasonOf(err); r {
	case "":
		c.log.Debug("call answered", fields...)
	case fault.Internal:
		c.log.Error("call failed", append(fields, zap.Error(err))...)
	default:
		c.log.Debug("call refused", append(fields, zap.String(telemetry.Reason, string(r)), zap.Error(err))...)
	}
}

func label(err error) string {
	if err == nil {
		return "OK"
	}
	return string(fault.ReasonOf(err))
}
