package forward

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

// publishSamples reports one second of every connection and feeds the estimates.
func (l *Lesson) publishSamples(now time.Time) {
	out := &relayv1.ConnectionSamples{At: timestamppb.New(now)}
	for _, c := range l.connections {
		if c.state == connected {
			out.Samples = append(out.Samples, l.sample(c, now))
		}
	}
	if len(out.Samples) > 0 {
		l.forwarder.events.samples(out)
	}
}

func (l *Lesson) sample(c *Connection, now time.Time) *relayv1.ConnectionSample {
	out := &relayv1.ConnectionSample{
		LessonId:      l.id,
		ParticipantId: c.participant,
		ConnectionId:  c.id,
		Transport:     (*c.transport.Load()).Path().Network,
	}
	c.sampleUp(out, now)
	if out.LossUp != nil {
		c.sendsThrough(out.GetLossUp(), now)
	}
	c.sampleDown(out, now)
	out.Estimate = c.link.explain()
	if c.clientStats != nil && now.Sub(c.clientAt) < clientStatsLife {
		out.Client = c.clientStats
	}
	return out
}

// sampleUp sums what the participant sent. A packet that had to be sent again counts as lost: the way lost it.
func (c *Connection) sampleUp(out *relayv1.ConnectionSample, now time.Time) {
	var expected, lost float64
	out.PacketsRefused = c.refused.Swap(0)
	c.books.Lock()
	defer c.books.Unlock()
	for _, p := range c.publications {
		for _, one := range p.layers {
			s := one.inbound.Sample(now)
			one.rate.sample(s)
			if s.Expected == 0 {
				continue
			}
			expected += float64(s.Expected)
			lost += min(float64(s.Expected), s.Loss*float64(s.Expected)+float64(one.late.Swap(0)))
			out.BitrateUp += s.Bitrate
			if p.audio() || out.Jitter == nil {
				out.Jitter = durationpb.New(s.Jitter)
			}
			out.LayersUp = append(out.LayersUp, &relayv1.LayerSample{
				Kind: p.kind, Rid: one.track.RID, Bitrate: s.Bitrate, Height: one.height.Load(),
			})
		}
	}
	if expected > 0 {
		out.LossUp = proto.Float64(lost / expected)
	}
}

// sampleDown sums what was sent to the participant. Loss is weighed by packets: a slot with little traffic says little.
func (c *Connection) sampleDown(out *relayv1.ConnectionSample, now time.Time) {
	var packets, lost float64
	for _, s := range c.slots() {
		sent, counts, roundTrip, height := s.takeSample(now)
		c.lesson.forwarder.totals.add(sent.Packets, counts)
		out.BitrateDown += sent.Bitrate
		out.NacksReceived += counts.nacks
		out.KeyframeRequestsReceived += counts.keyframeRequests
		out.PacketsDropped += counts.dropped
		if sent.Reported && roundTrip > out.GetRoundTrip().AsDuration() {
			out.RoundTrip = durationpb.New(roundTrip)
		}
		if sent.Reported && sent.Packets > 0 {
			packets += float64(sent.Packets)
			lost += sent.Loss * float64(sent.Packets)
		}
		if s.source.Participant != "" {
			out.Slots = append(out.Slots, s.explain(&relayv1.SlotSample{
				SlotId: s.id, SourceId: s.source.Participant, Kind: s.kind(),
				HeightWanted: wantedHeight(s), HeightSent: height, Bitrate: sent.Bitrate,
			}))
		}
	}
	loss := -1.0
	if packets > 0 {
		loss = lost / packets
		out.LossDown = proto.Float64(loss)
	}
	c.link.reports(now, loss, int(out.BitrateDown), out.GetRoundTrip().AsDuration(), int(c.remb.Swap(0)))
}

func wantedHeight(s *slot) uint32 {
	if s.audio {
		return 0
	}
	return uint32(s.asked)
}
