package report

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/tongke-edu/tongke/services/relay/internal/estimate"
)

// Outbound counts one stream to a subscriber.
type Outbound struct {
	rate uint32

	packets, octets uint32 // since the start, as sender reports count
	stamped         uint32 // timestamp of the newest packet
	captured        time.Time
	gaps            gaps

	loss      float64
	reported  bool // since the last sample
	roundTrip time.Duration

	sampledAt      time.Time
	sampledPackets uint32
	sampledOctets  uint32
}

// NewOutbound counts a stream of this clock rate.
func NewOutbound(clockRate uint32) *Outbound { return &Outbound{rate: clockRate} }

// Packet counts a packet as it went out: its rewritten sequence number and timestamp, when its content was captured
// (or, unknown, when it arrived) on the relay's clock, and the bytes of its payload.
func (o *Outbound) Packet(seq uint16, timestamp uint32, captured time.Time, payload int) {
	o.gaps.sent(seq)
	o.packets++
	o.octets += uint32(payload)
	if o.captured.IsZero() {
		o.sampledAt = captured
	}
	if o.captured.IsZero() || int32(timestamp-o.stamped) > 0 {
		o.stamped, o.captured = timestamp, captured
	}
}

// SenderReport for now; ok is false while nothing was sent. It ties the moment now to the timestamp that a
// packet captured now would carry (RFC 3550 section 6.4.1).
func (o *Outbound) SenderReport(ssrc uint32, now time.Time) (sr rtcp.SenderReport, ok bool) {
	if o.captured.IsZero() {
		return rtcp.SenderReport{}, false
	}
	since := int64(now.Sub(o.captured)/time.Microsecond) * int64(o.rate) / int64(time.Second/time.Microsecond)
	return rtcp.SenderReport{
		SSRC: ssrc, NTPTime: uint64(ToNTP(now)), RTPTime: o.stamped + uint32(since),
		PacketCount: o.packets, OctetCount: o.octets,
	}, true
}

// ReceptionReport takes what the subscriber says about this stream, and returns the fraction (0..1) that was lost of
// what was sent: the subscriber counts every missing number, also those that the source's network had lost before.
func (o *Outbound) ReceptionReport(rr rtcp.ReceptionReport, now time.Time) (loss float64) {
	o.loss, o.reported = float64(rr.FractionLost)/256, true
	if numbers, missing, ok := o.gaps.covered(uint16(rr.LastSequenceNumber)); ok && missing > 0 {
		lost := o.loss*float64(numbers) - float64(missing)
		o.loss = max(0, lost) / float64(max(1, numbers-missing))
	}
	if rtt, ok := estimate.RoundTrip(ToNTP(now).Middle(), rr.LastSenderReport, rr.Delay); ok {
		o.roundTrip = rtt
	}
	return o.loss
}

// RoundTrip is the newest round-trip time; 0 when none is known.
func (o *Outbound) RoundTrip() time.Duration { return o.roundTrip }

// OutboundSample is what happened since the last sample.
type OutboundSample struct {
	Packets uint32
	// Bitrate of payload in bits per second.
	Bitrate uint64
	// Loss is the newest loss fraction that the subscriber reported; Reported tells whether one came in the
	// window.
	Loss     float64
	Reported bool
}

// Sample ends a window of what was sent and begins the next.
func (o *Outbound) Sample(now time.Time) OutboundSample {
	s := OutboundSample{
		Packets: o.packets - o.sampledPackets,
		Bitrate: bitrate(uint64(o.octets-o.sampledOctets), now.Sub(o.sampledAt)),
		Loss:    o.loss, Reported: o.reported,
	}
	o.sampledPackets, o.sampledOctets, o.sampledAt, o.reported = o.packets, o.octets, now, false
	return s
}
