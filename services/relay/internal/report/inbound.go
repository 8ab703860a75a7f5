package report

import (
	"time"

	"github.com/pion/rtcp"
)

// Inbound counts one incoming layer.
type Inbound struct{}

// NewInbound counts a stream of this clock rate; clock is the publisher's, shared by its streams.
func NewInbound(clockRate uint32, clock *Clock) *Inbound { return &Inbound{} }

// Packet counts an accepted packet (not a duplicate): its extended sequence number from munge.Dedup, size in
// bytes with header.
func (i *Inbound) Packet(ext uint64, timestamp uint32, arrival time.Time, size int) {}

// SenderReport takes the publisher's report on this stream.
func (i *Inbound) SenderReport(sr *rtcp.SenderReport, arrival time.Time) {}

// Captured is when the packet with this timestamp was captured, on the relay's clock; zero before a sender
// report came.
func (i *Inbound) Captured(timestamp uint32) time.Time { return time.Time{} }

// ReceptionReport is the block for the next receiver report; the loss fraction is since the last call.
func (i *Inbound) ReceptionReport(ssrc uint32, now time.Time) rtcp.ReceptionReport {
	return rtcp.ReceptionReport{}
}

// Sample is what happened since the last sample.
type Sample struct {
	Expected, Received uint32
	// Loss is 0..1; what came late or by retransmission counts as received.
	Loss float64
	// Bitrate in bits per second.
	Bitrate uint64
	// Jitter is the present interarrival jitter.
	Jitter time.Duration
}

// Sample ends a window and begins the next.
func (i *Inbound) Sample(now time.Time) Sample { return Sample{} }
