package session

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what sessions do.
type Metrics struct {
	open     prometheus.Gauge
	streams  prometheus.Gauge
	cut      prometheus.Counter
	commands *prometheus.CounterVec
	append   prometheus.Histogram
}

// NewMetrics registers the metrics; registry may be nil.
func NewMetrics(registry *prometheus.Registry) *Metrics {
	m := &Metrics{
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tongke_classroom_lessons_open", Help: "Lessons that this instance writes.",
		}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tongke_classroom_streams", Help: "Attending streams.",
		}),
		cut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tongke_classroom_streams_cut_total", Help: "Streams cut because they were not read.",
		}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tongke_classroom_commands_total", Help: "Commands by outcome: stored, unchanged, refused or failed.",
		}, []string{"outcome"}),
		append: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tongke_classroom_append_seconds", Help: "Time to store one entry durably.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 3, 12),
		}),
	}
	if registry != nil {
		registry.MustRegister(m.open, m.streams, m.cut, m.commands, m.append)
	}
	return m
}
