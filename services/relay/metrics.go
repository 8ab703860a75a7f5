package relay

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// registerMetrics shows the books of the forwarder and of the sockets; nothing is counted for metrics alone.
func registerMetrics(r *prometheus.Registry, f *forward.Forwarder, p *wire.Ports) error {
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
	socket := func(name, help string, value func(wire.Stats) uint64) {
		errs = append(errs, r.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help},
			func() float64 { return float64(value(p.Stats())) })))
	}
	socket("tongke_relay_socket_received_total", "Datagrams received.", func(s wire.Stats) uint64 { return s.Received })
	socket("tongke_relay_socket_reads_total", "System calls that received them.", func(s wire.Stats) uint64 { return s.Reads })
	socket("tongke_relay_socket_sent_total", "Datagrams sent.", func(s wire.Stats) uint64 { return s.Packets })
	socket("tongke_relay_socket_messages_total", "Messages that they left in: datagrams of one destination leave together.",
		func(s wire.Stats) uint64 { return s.Messages })
	socket("tongke_relay_socket_writes_total", "System calls that sent them.", func(s wire.Stats) uint64 { return s.Syscalls })
	socket("tongke_relay_socket_refused_total", "Datagrams that the system refused to send.",
		func(s wire.Stats) uint64 { return s.Errors })
	socket("tongke_relay_socket_dropped_total", "Datagrams dropped because a socket or a connection was full.",
		func(s wire.Stats) uint64 { return s.Drops })
	socket("tongke_relay_socket_overflows_total", "Datagrams that came faster than they were read.",
		func(s wire.Stats) uint64 { return s.Overflows })
	socket("tongke_relay_socket_evicted_total", "Connections without a valid check that had to make room for others.",
		func(s wire.Stats) uint64 { return s.Evicted })
	return errors.Join(errs...)
}
