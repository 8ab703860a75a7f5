package report

import "time"

const (
	// clockStep is a difference that means a set clock rather than a slow packet.
	clockStep = time.Second
	// clockDrift is the share of a difference that a later observation adds: drift between clocks is followed
	// within a minute of reports, delay of single packets is not.
	clockDrift = 32
)

// Clock relates a publisher's clock to the relay's. It takes the fastest of the publisher's sender reports as
// those without delay. The zero value is ready.
type Clock struct {
	offset time.Duration // the relay's time minus the publisher's, plus the least delay on the way
	known  bool
}

// Observe takes the NTP time of any of the publisher's sender reports and its arrival here.
func (c *Clock) Observe(sent NTP, arrival time.Time) {
	offset := arrival.Sub(sent.Time())
	late := offset - c.offset
	switch {
	case !c.known || late < 0 || late > clockStep:
		c.offset, c.known = offset, true
	default:
		c.offset += late / clockDrift
	}
}

// Local is a publisher's time on the relay's clock; ok is false before the first report.
func (c *Clock) Local(t NTP) (local time.Time, ok bool) {
	return t.Time().Add(c.offset), c.known
}
