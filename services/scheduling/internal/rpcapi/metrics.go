package rpcapi

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tongke-edu/tongke/pkg/fault"
)

type metrics struct {
	signIns         *prometheus.CounterVec
	lessonsPlanned  prometheus.Counter
	bookingsRefused *prometheus.CounterVec
}

func newMetrics(r *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tongke_scheduling_sign_ins_total", Help: "Attempts to sign in, by result: ok, wrong, locked or failed.",
		}, []string{"result"}),
		lessonsPlanned: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tongke_scheduling_lessons_planned_total", Help: "Calls that planned a lesson, repeated requests included.",
		}),
		bookingsRefused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tongke_scheduling_bookings_refused_total", Help: "Lessons refused because teacher or classroom was booked.",
		}, []string{"resource"}),
	}
	for _, c := range []prometheus.Collector{m.signIns, m.lessonsPlanned, m.bookingsRefused} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics of scheduling: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) signedIn(err error) {
	result := "failed"
	switch fault.ReasonOf(err) {
	case "":
		result = "ok"
	case fault.WrongCredentials:
		result = "wrong"
	case fault.AccountLocked:
		result = "locked"
	}
	m.signIns.WithLabelValues(result).Inc()
}

func (m *metrics) planned(err error) {
	switch fault.ReasonOf(err) {
	case "":
		m.lessonsPlanned.Inc()
	case fault.TeacherBooked:
		m.bookingsRefused.WithLabelValues("teacher").Inc()
	case fault.ClassroomBooked:
		m.bookingsRefused.WithLabelValues("classroom").Inc()
	}
}
