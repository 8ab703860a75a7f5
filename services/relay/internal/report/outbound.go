package report

import (
	"time"

	"github.com/pion/rtcp"
)

// Outbound counts one stream to a subscriber.
type Outbound struct{}

// NewOutbound counts a stream of this clock rate.
func NewOutbound(clockRate uint32) *Outbound { return &Outbound{} }

// Packet counts a packet as it went out: its rewritten timestamp, when its content was captured (or, unknown,
// when it arrived) on the relay's clock, and the bytes of its payload. Retransmissions are counted too.
func (o *Outbound) Packet(timestamp uint32, captured time.Time, payload int) {}

// SenderReport for now; ok is false while nothing was sent.
func (o *Outbound) SenderReport(ssrc uint32, now time.Time) (sr rtcp.SenderReport, ok bool) {
	return rtcp.SenderReport{}, false
}

// ReceptionReport takes what the subscriber says about this stream, and returns its loss fraction (0..1).
func (o *Outbound) ReceptionReport(rr rtcp.ReceptionReport, now time.Time) (loss float64) { return 0 }

// RoundTrip is the newest round-trip time; 0 when none is known.
func (o *Outbound) RoundTrip() time.Duration { return 0 }

// Sample ends a window of what was sent and begins the next.
func (o *Outbound) Sample(now time.Time) OutboundSample { return OutboundSample{} }

// OutboundSample is what happened since the last sample.
type OutboundSample struct {
	Packets uint32
	// Bitrate of payload in bits per second.
	Bitrate uint64
	// Loss is the newest loss fraction that the subscriber reported; Reported tells whether one came in the window.
	Loss     float64
	Reported bool
}
