package relay

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/load"
)

// relieve makes the forwarder obey what the meter says, and tells the operator.
func (s *Service) relieve() func(load.State) {
	var before load.State
	return func(now load.State) {
		s.forwarder.SetPressure(now.Pressure)
		s.forwarder.SetFull(now.Full)
		used := s.meter.Usage()
		fields := []zap.Field{zap.Float64("cpu", used.CPU), zap.Uint64("memory_bytes", used.Memory)}
		switch {
		case now.Full && !before.Full:
			s.log.Warn("relay is full: joins are refused", fields...)
		case !now.Full && before.Full:
			s.log.Info("relay has room again: joins are taken", fields...)
		case now.Pressure == 1 && before.Pressure < 1:
			s.log.Warn("relay is busy: small pictures are sent smaller or not at all", fields...)
		}
		before = now
	}
}

// registerLoad shows what the process uses and whom that has kept out.
func registerLoad(r *prometheus.Registry, f *forward.Forwarder, m *load.Meter) error {
	return errors.Join(
		r.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "tongke_relay_cpu_ratio", Help: "Share of all cores that the process used in the last second.",
		}, func() float64 { return m.Usage().CPU })),
		r.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "tongke_relay_memory_bytes", Help: "Memory in use, without what could be given back.",
		}, func() float64 { return float64(m.Usage().Memory) })),
		r.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "tongke_relay_refused_joins_total", Help: "Joins refused by a limit or because the relay was full.",
		}, func() float64 { return float64(f.Refused()) })),
	)
}
