package forward

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// Feedback takes RTCP that a participant sent about its slots; what it asks for again goes into out. It may be called
// from any goroutine.
func (c *Connection) Feedback(packets []rtcp.Packet, now time.Time, out *wire.Batch) {
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.TransportLayerNack:
			if s := c.stream(p.MediaSSRC); s != nil {
				if lost := s.nacked(p, now, &c.link, out); lost != nil {
					lost.requestKeyframe(now)
				}
			}
		case *rtcp.PictureLossIndication:
			c.keyframeRequested(p.MediaSSRC, now)
		case *rtcp.FullIntraRequest:
			for _, entry := range p.FIR {
				c.keyframeRequested(entry.SSRC, now)
			}
		case *rtcp.ReceiverReport:
			c.reported(p.Reports, now)
		case *rtcp.SenderReport:
			c.reported(p.Reports, now)
		case *rtcp.ReceiverEstimatedMaximumBitrate:
			c.remb.Store(int64(p.Bitrate))
		}
	}
}

// stream is the slot that sends an SSRC; nil for an unknown one, and before the connection is up.
func (c *Connection) stream(ssrc uint32) *slot {
	streams := c.streams.Load()
	if streams == nil {
		return nil
	}
	return (*streams)[ssrc]
}

func (c *Connection) keyframeRequested(ssrc uint32, now time.Time) {
	s := c.stream(ssrc)
	if s == nil {
		return
	}
	s.mu.Lock()
	s.counts.keyframeRequests++
	shown := s.shown()
	s.mu.Unlock()
	if shown != nil {
		shown.requestKeyframe(now)
	}
}

func (c *Connection) reported(reports []rtcp.ReceptionReport, now time.Time) {
	for _, r := range reports {
		if s := c.stream(r.SSRC); s != nil {
			s.mu.Lock()
			loss := s.outbound.ReceptionReport(r, now)
			s.mu.Unlock()
			if _, better := c.link.loss(); s.audio && !better {
				c.protection.observe(loss, now)
			}
		}
	}
}
