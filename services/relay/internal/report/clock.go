package report

import "time"

// Clock relates a publisher's clock to the relay's. The zero value is ready.
type Clock struct{}

// Observe takes the NTP time of any of the publisher's sender reports and its arrival here.
func (c *Clock) Observe(sent NTP, arrival time.Time) {}

// Local is a publisher's time on the relay's clock; ok is false before the first report.
func (c *Clock) Local(t NTP) (local time.Time, ok bool) { return time.Time{}, false }
