package forward

import (
	"time"

	"github.com/pion/rtcp"
)

// sendReports writes the RTCP of one second: sender reports of all slots, so that the participant can play sound
// and picture together, and a receiver report about what the participant sends.
func (l *Lesson) sendReports(now time.Time) {
	out := l.forwarder.out.Batch()
	defer l.forwarder.out.Return(out)
	for _, c := range l.connections {
		if c.state != connected {
			continue
		}
		packets := c.senderReports(now)
		if report := c.receiverReport(now); len(report.Reports) > 0 {
			packets = append(packets, report)
		}
		// A connection that is going down needs no reports: the error says nothing new.
		_ = c.writeRTCP(out, packets)
	}
}

func (c *Connection) senderReports(now time.Time) []rtcp.Packet {
	var out []rtcp.Packet
	for _, s := range c.slots() {
		if s.chosen == nil {
			continue
		}
		s.mu.Lock()
		sr, ok := s.outbound.SenderReport(s.output.SSRC, now)
		s.mu.Unlock()
		if ok {
			out = append(out, &sr)
		}
	}
	return out
}

func (c *Connection) receiverReport(now time.Time) *rtcp.ReceiverReport {
	out := &rtcp.ReceiverReport{SSRC: c.reportSSRC}
	c.books.Lock()
	defer c.books.Unlock()
	for _, p := range c.publications {
		for _, one := range p.layers {
			if one.newest.Load() != 0 {
				out.Reports = append(out.Reports, one.inbound.ReceptionReport(one.track.SSRC, now))
			}
		}
	}
	return out
}
