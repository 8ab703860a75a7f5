package report

import (
	"time"

	"github.com/pion/rtcp"
)

// mostSkew is how far a capture time may lie from the arrival before it is not believed.
const mostSkew = 2 * time.Second

// Inbound counts one incoming layer.
type Inbound struct {
	rate  uint32
	clock *Clock

	base, highest uint64 // extended sequence numbers
	received      uint64
	reported      counts // at the last reception report
	sampled       counts // at the last sample
	sampledAt     time.Time
	bytes         uint64 // since the last sample

	arrived  time.Time // newest packet
	stamped  uint32    // its timestamp
	jitter   uint32    // RFC 3550 A.8: 16 times the jitter, in timestamp units
	lastSR   rtcp.SenderReport
	lastSRAt time.Time
}

// counts are expected and received packets up to some moment.
type counts struct{ expected, received uint64 }

// NewInbound counts a stream of this clock rate; clock is the publisher's, shared by its streams.
func NewInbound(clockRate uint32, clock *Clock) *Inbound {
	return &Inbound{rate: clockRate, clock: clock}
}

// Packet counts an accepted packet (not a duplicate): its extended sequence number from munge.Dedup, size in
// bytes with header.
func (i *Inbound) Packet(ext uint64, timestamp uint32, arrival time.Time, size int) {
	i.bytes += uint64(size)
	i.received++
	switch {
	case i.base == 0:
		i.base, i.highest, i.sampledAt = ext, ext, arrival
	case ext > i.highest:
		i.highest = ext
		i.spread(timestamp, arrival)
	default:
		return // late or retransmitted: its delay says nothing about the network
	}
	i.arrived, i.stamped = arrival, timestamp
}

// spread updates the jitter by the newest packet (RFC 3550 appendix A.8).
func (i *Inbound) spread(timestamp uint32, arrival time.Time) {
	between := int64(arrival.Sub(i.arrived)/time.Microsecond) * int64(i.rate) / int64(time.Second/time.Microsecond)
	d := between - int64(int32(timestamp-i.stamped))
	if d < 0 {
		d = -d
	}
	d = min(d, int64(i.rate)) // a pause of more than a second is no jitter
	i.jitter = uint32(int64(i.jitter) + d - int64((i.jitter+8)>>4))
}

// SenderReport takes the publisher's report on this stream.
func (i *Inbound) SenderReport(sr *rtcp.SenderReport, arrival time.Time) {
	i.lastSR = rtcp.SenderReport{NTPTime: sr.NTPTime, RTPTime: sr.RTPTime}
	i.lastSRAt = arrival
	i.clock.Observe(NTP(sr.NTPTime), arrival)
}

// Captured is when the packet with this timestamp was captured, on the relay's clock. It is zero before a sender
// report came, and when it would lie more than 2 s from the arrival: then the publisher's reports are wrong.
func (i *Inbound) Captured(timestamp uint32, arrival time.Time) time.Time {
	local, ok := i.clock.Local(NTP(i.lastSR.NTPTime))
	if !ok || i.lastSRAt.IsZero() {
		return time.Time{}
	}
	captured := local.Add(ticks(int32(timestamp-i.lastSR.RTPTime), i.rate))
	if captured.Sub(arrival).Abs() > mostSkew {
		return time.Time{}
	}
	return captured
}

// ticks is a span of timestamp units as time.
func ticks(n int32, rate uint32) time.Duration {
	return time.Duration(int64(n) * int64(time.Second) / int64(rate))
}

// ReceptionReport is the block for the next receiver report; the loss fraction is since the last call.
func (i *Inbound) ReceptionReport(ssrc uint32, now time.Time) rtcp.ReceptionReport {
	total := i.counts()
	window := total.since(i.reported)
	i.reported = total
	rr := rtcp.ReceptionReport{
		SSRC:               ssrc,
		FractionLost:       uint8(min(255, window.loss()*256)),
		TotalLost:          uint32(min(total.lost(), 0x7fffff)),
		LastSequenceNumber: uint32(i.highest - i.base&^0xffff), // cycles count from the first packet's
		Jitter:             i.jitter >> 4,
	}
	if !i.lastSRAt.IsZero() {
		rr.LastSenderReport = NTP(i.lastSR.NTPTime).Middle()
		// Reports are read while others are written: one may have come after now was looked up.
		rr.Delay = uint32(max(0, now.Sub(i.lastSRAt)) * 65536 / time.Second)
	}
	return rr
}

func (i *Inbound) counts() counts {
	if i.base == 0 {
		return counts{}
	}
	return counts{expected: i.highest - i.base + 1, received: i.received}
}

func (c counts) since(past counts) counts {
	return counts{c.expected - past.expected, c.received - past.received}
}

// lost is 0 where repairs of earlier losses outnumber new ones.
func (c counts) lost() uint64 { return c.expected - min(c.expected, c.received) }

// loss is the fraction lost, 0..1.
func (c counts) loss() float64 { return float64(c.lost()) / float64(max(c.expected, 1)) }

// Sample is what happened since the last sample.
type Sample struct {
	Expected, Received uint32
	// Loss is 0..1; what came late or by retransmission counts as received.
	Loss float64
	// Bitrate in bits per second, over Span: less than the time between two calls when the stream is that new.
	Bitrate uint64
	Span    time.Duration
	// Jitter is the present interarrival jitter.
	Jitter time.Duration
}

// Sample ends a window and begins the next.
func (i *Inbound) Sample(now time.Time) Sample {
	total := i.counts()
	window := total.since(i.sampled)
	s := Sample{
		Expected: uint32(window.expected), Received: uint32(window.received), Loss: window.loss(),
		Jitter: ticks(int32(i.jitter>>4), i.rate),
	}
	if !i.sampledAt.IsZero() {
		s.Span = now.Sub(i.sampledAt)
	}
	s.Bitrate = bitrate(i.bytes, s.Span)
	i.sampled, i.sampledAt, i.bytes = total, now, 0
	return s
}

// bitrate of some bytes over a span; 0 when the span is empty.
func bitrate(bytes uint64, span time.Duration) uint64 {
	if span <= 0 {
		return 0
	}
	return uint64(float64(bytes) * 8 / span.Seconds())
}
