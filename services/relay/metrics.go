package relay

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

// registerMetrics shows the forwarder's books; nothing is counted for metrics alone.
func registerMetrics(r *prometheus.Registry, f *forward.Forwarder) error {
	var errs []error
	gauge := func(name, help string, value func() float64) {
		errs = append(errs, r.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)))
	}
	counter := func(name, help string, value func(forward.Totals) uint64) {
		errs = append(errs, r.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help},
			func() float64 { return float64(value(f.Totals())) })))
	}
	gauge("tongke_relay_connections", "Media connections now.", func() float64 { return float64(f.Connections()) })
	gauge("tongke_relay_lessons", "Lessons with media now.", func() float64 { return float64(f.Lessons()) })
	counter("tongke_relay_sent_packets_total", "RTP packets sent to participants, repairs apart.",
		func(t forward.Totals) uint64 { return t.Packets })
	counter("tongke_relay_dropped_packets_total", "RTP packets that could not be written.",
		func(t forward.Totals) uint64 { return t.Dropped })
	counter("tongke_relay_nacks_total", "Requests of participants for lost packets.",
		func(t forward.Totals) uint64 { return t.NACKs })
	counter("tongke_relay_keyframe_requests_total", "Requests of participants for keyframes.",
		func(t forward.Totals) uint64 { return t.KeyframeRequests })
	return errors.Join(errs...)
}
