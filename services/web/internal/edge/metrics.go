package edge

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	refused *prometheus.CounterVec
	streams prometheus.Gauge
}

func newMetrics(r *prometheus.Registry) metrics {
	m := metrics{
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tongke_web_refused_requests_total",
			Help: "Calls that the edge itself answered with an error, by reason.",
		}, []string{"reason"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tongke_web_client_streams",
			Help: "Streams that browsers have open now.",
		}),
	}
	r.MustRegister(m.refused, m.streams)
	return m
}
