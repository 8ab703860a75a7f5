package forward

import (
	"time"

	"github.com/pion/rtcp"
)

// Feedback takes RTCP that a participant sent about one of its slots. A compound packet reaches every slot that
// one of its parts is about, so each slot reads only what names its own stream. It may be called from any goroutine.
func (c *Connection) Feedback(audio bool, index int, packets []rtcp.Packet, now time.Time) {
	s := c.slot(audio, index)
	if s == nil {
		return
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.TransportLayerNack:
			if p.MediaSSRC == s.ssrc() {
				s.nacked(p, now)
			}
		case *rtcp.PictureLossIndication:
			if p.MediaSSRC == s.ssrc() {
				s.keyframeRequested(now)
			}
		case *rtcp.FullIntraRequest:
			for _, entry := range p.FIR {
				if entry.SSRC == s.ssrc() {
					s.keyframeRequested(now)
				}
			}
		case *rtcp.ReceiverReport:
			s.reported(p.Reports, now)
		case *rtcp.SenderReport:
			s.reported(p.Reports, now)
		case *rtcp.ReceiverEstimatedMaximumBitrate:
			if len(p.SSRCs) > 0 && p.SSRCs[0] == s.ssrc() {
				c.remb.Store(int64(p.Bitrate))
			}
		}
	}
}

func (s *slot) ssrc() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.SSRC
}

func (s *slot) keyframeRequested(now time.Time) {
	s.mu.Lock()
	s.counts.keyframeRequests++
	f, ok := s.feed(s.rewriter.Current())
	s.mu.Unlock()
	if ok {
		f.layer.requestKeyframe(now)
	}
}

func (s *slot) reported(reports []rtcp.ReceptionReport, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range reports {
		if r.SSRC == s.output.SSRC {
			s.outbound.ReceptionReport(r, now)
		}
	}
}
