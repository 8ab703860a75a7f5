package light

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/pion/rtcp"
)

const (
	feedbackInterval = 100 * time.Millisecond // of transport-wide feedback
	repairInterval   = 20 * time.Millisecond  // of requests for lost packets
	reportInterval   = time.Second
	maxAsked         = 64 // packets in one request
	ownSSRC          = 1
)

// report sends what a receiver says, until ctx ends.
func (c *Client) report(ctx context.Context) {
	tick := feedbackInterval
	if c.params.NACK {
		tick = repairInterval
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	// Clients that joined together do not speak together for ever.
	reported := time.Now().Add(-rand.N(reportInterval))
	checked, told := time.Now().Add(-rand.N(checkAgain)), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := time.Now()
		out := c.receiver.keyframes(now)
		if c.params.NACK {
			out = append(out, c.receiver.losses(now, c.way.roundTrip())...)
		}
		if now.Sub(told) >= feedbackInterval {
			told = now
			out = append(out, c.receiver.transportFeedback()...)
		}
		if now.Sub(reported) >= reportInterval {
			reported = now
			out = append(out, c.receiver.report(now))
		}
		if now.Sub(checked) >= checkAgain {
			checked = now
			_ = c.way.check(now) // the next one will do
		}
		c.sendRTCP(out)
	}
}

// transportFeedback is what arrived since the last call.
func (r *receiver) transportFeedback() []rtcp.Packet {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.feedback == nil || r.feedback.PacketsHeld() == 0 {
		return nil
	}
	return r.feedback.BuildFeedbackPacket()
}

// keyframes asks for what decoders cannot go on without.
func (r *receiver) keyframes(now time.Time) []rtcp.Packet {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.decodes() {
		return nil
	}
	var out []rtcp.Packet
	for ssrc, s := range r.slots {
		if s.decoder != nil && s.wantsKeyframe(now) {
			out = append(out, &rtcp.PictureLossIndication{SenderSSRC: ownSSRC, MediaSSRC: ssrc})
		}
	}
	return out
}

// losses asks for lost packets.
func (r *receiver) losses(now time.Time, trip time.Duration) []rtcp.Packet {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []rtcp.Packet
	for ssrc, s := range r.slots {
		if numbers := s.wanted(now, trip, maxAsked); len(numbers) > 0 && s.nack {
			out = append(out, &rtcp.TransportLayerNack{
				SenderSSRC: ownSSRC, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(numbers),
			})
		}
	}
	return out
}

// report makes a receiver report of all streams (RFC 3550 section 6.4.2).
func (r *receiver) report(now time.Time) rtcp.Packet {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := &rtcp.ReceiverReport{SSRC: ownSSRC}
	for ssrc, s := range r.slots {
		if !s.begun {
			continue
		}
		expected, lost := s.newest-s.first+1, s.counts.Lost
		received := expected - min(lost, expected)
		report := rtcp.ReceptionReport{
			SSRC: ssrc, LastSequenceNumber: uint32(s.newest - firstNumber), TotalLost: uint32(min(lost, 1<<23-1)), Jitter: uint32(s.jitter),
			LastSenderReport: s.senderNTP,
		}
		if more := expected - s.reported.expected; more > 0 {
			missing := int64(more) - int64(received-s.reported.received)
			report.FractionLost = uint8(min(255, max(0, missing*256/int64(more))))
		}
		if !s.senderTime.IsZero() {
			report.Delay = uint32(now.Sub(s.senderTime).Seconds() * 65536)
		}
		s.reported.expected, s.reported.received = expected, received
		out.Reports = append(out.Reports, report)
	}
	return out
}

// takeRTCP handles SRTCP of the server.
func (c *Client) takeRTCP(data []byte, now time.Time) {
	plain, err := c.keys.inControl.DecryptRTCP(nil, data, nil)
	if err != nil {
		return // of a stream that ends just now
	}
	packets, err := rtcp.Unmarshal(plain)
	if err != nil {
		return
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			c.receiver.senderReport(p, now)
		case *rtcp.PictureLossIndication:
			c.publisher.keyframe(p.MediaSSRC)
		case *rtcp.FullIntraRequest:
			for _, f := range p.FIR {
				c.publisher.keyframe(f.SSRC)
			}
		case *rtcp.TransportLayerNack:
			c.publisher.repeat(p)
		}
	}
}

func (r *receiver) senderReport(p *rtcp.SenderReport, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.slots[p.SSRC]; s != nil {
		s.senderNTP, s.senderTime = uint32(p.NTPTime>>16), now
	}
}

// sendRTCP sends a compound packet.
func (c *Client) sendRTCP(packets []rtcp.Packet) {
	if len(packets) == 0 {
		return
	}
	raw, err := rtcp.Marshal(packets)
	if err != nil || len(raw) < 8 {
		return
	}
	c.keys.sending.Lock()
	sealed, err := c.keys.outControl.EncryptRTCP(nil, raw, nil)
	c.keys.sending.Unlock()
	if err == nil {
		_, _ = c.socket.conn.Write(sealed) // lost like any packet
	}
}

// isRTCP tells RTCP from RTP on one port (RFC 5761 section 4).
func isRTCP(data []byte) bool { return len(data) >= 8 && data[1] >= 192 && data[1] <= 223 }
