package estimate

import "time"

// Report takes a receiver report, as downlink does. It counts where no transport-wide feedback has been agreed.
func (s *Sender) Report(now time.Time, loss float64, sent int) {
	s.fallBack(now, loss, sent, func() { s.reports.Report(now, loss, sent) })
}

// RoundTrip takes a round-trip time, as downlink does.
func (s *Sender) RoundTrip(rtt time.Duration) {
	if s.reports != nil {
		s.reports.RoundTrip(rtt)
		s.roundTrip = rtt
	}
}

// REMB takes a receiver's own estimate, as downlink does.
func (s *Sender) REMB(now time.Time, bitrate, sent int) {
	s.fallBack(now, s.reason.Loss, sent, func() { s.reports.REMB(now, bitrate, sent) })
}

// fallBack lets receiver reports decide and notes what came of it.
func (s *Sender) fallBack(now time.Time, loss float64, sent int, decide func()) {
	if s.reports == nil {
		return
	}
	from := s.reports.Budget()
	decide()
	s.reason = Reason{
		Cause: Reports, At: now, From: from, To: s.reports.Budget(), Sent: sent,
		Acknowledged: int(float64(sent) * (1 - loss)), Loss: loss, RoundTrip: s.roundTrip,
	}
}
