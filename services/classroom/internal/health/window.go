package health

import (
	"time"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

// span is how far back a participant is judged.
const span = 10 * time.Second

// window is the samples of one participant in the last span, oldest first.
type window struct{ samples []timedSample }

type timedSample struct {
	at time.Time
	*relayv1.ConnectionSample
}

func (w *window) add(at time.Time, s *relayv1.ConnectionSample) {
	w.samples = append(w.samples, timedSample{at, s})
	w.trim(at)
}

// trim forgets what is older than the span.
func (w *window) trim(now time.Time) {
	keep := 0
	for keep < len(w.samples) && now.Sub(w.samples[keep].at) >= span {
		keep++
	}
	w.samples = append(w.samples[:0:0], w.samples[keep:]...)
}

// measure is what a window says. A nil figure was not measured.
type measure struct {
	samples       int
	transport     string
	roundTripMs   *float64
	jitterMs      *float64
	lossUp        *float64
	lossDown      *float64
	bitrateUp     *uint32 // kbit/s
	bitrateDown   *uint32
	received      *uint32 // height of the largest picture
	wanted        *uint32
	freezes       *uint32
	concealed     *float64
	camera, voice bool // sent in any of the samples
	// squeezed is the share of samples in which a picture came much smaller than wanted, though its source sends more, or
	// not at all for want of room.
	squeezed float64
	// narrow is what the line costs the participant in pictures; nil for nothing.
	narrow *classroomv1.NarrowLine
	// disturbed: somebody whom the participant sees loses packets on the way to the relay.
	disturbed bool
}

// measure averages the window. best tells the largest layer that a source sends.
func (w *window) measure(best func(source string, kind relayv1.MediaKind) uint32) measure {
	var (
		m                        measure
		rtt, jitter, up, down    mean
		bitsUp, bitsDown         mean
		freezes, squeezed        uint32
		concealed, played        uint64
		report                   *relayv1.ClientStats
		wantedHeight, wantedSeen uint32
	)
	m.samples = len(w.samples)
	for _, s := range w.samples {
		m.transport = s.GetTransport()
		if s.GetRoundTrip() != nil {
			rtt.add(milliseconds(s.GetRoundTrip().AsDuration()))
		}
		if s.GetJitter() != nil {
			jitter.add(milliseconds(s.GetJitter().AsDuration()))
		}
		if s.LossUp != nil {
			up.add(s.GetLossUp())
		}
		if s.LossDown != nil {
			down.add(s.GetLossDown())
		}
		for _, layer := range s.GetLayersUp() {
			sent := layer.GetBitrate() > 0
			m.camera = m.camera || sent && layer.GetKind() == relayv1.MediaKind_MEDIA_KIND_CAMERA
			m.voice = m.voice || sent && layer.GetKind() == relayv1.MediaKind_MEDIA_KIND_MICROPHONE
		}
		bitsUp.add(float64(s.GetBitrateUp()) / 1000)
		bitsDown.add(float64(s.GetBitrateDown()) / 1000)
		wantedHeight, wantedSeen = 0, 0
		tight := false
		for _, slot := range s.GetSlots() {
			if slot.GetHeightWanted() == 0 {
				continue
			}
			wantedSeen++
			wantedHeight = max(wantedHeight, slot.GetHeightWanted())
			possible := min(slot.GetHeightWanted(), best(slot.GetSourceId(), slot.GetKind()))
			tight = tight || slot.GetPaused() || 2*slot.GetHeightSent() <= possible && possible > 0 && slot.GetHeightSent() > 0
		}
		if tight {
			squeezed++
		}
		// The relay repeats the newest report until the next one comes: count each once.
		if c := s.GetClient(); c != nil && !sameReport(c, report) {
			report = c
			freezes += c.GetFreezes()
			concealed += c.GetConcealedSamples()
			played += c.GetTotalSamples()
		}
	}
	if m.samples == 0 {
		return m
	}
	m.roundTripMs, m.jitterMs, m.lossUp, m.lossDown = rtt.value(), jitter.value(), up.value(), down.value()
	m.bitrateUp, m.bitrateDown = whole(bitsUp), whole(bitsDown)
	m.narrow = w.narrowLine()
	m.squeezed = float64(squeezed) / float64(m.samples)
	if wantedSeen > 0 {
		m.wanted = &wantedHeight
	}
	if report != nil {
		height := report.GetMaxHeightReceived()
		m.received, m.freezes = &height, &freezes
		if played > 0 {
			share := float64(concealed) / float64(played)
			m.concealed = &share
		}
	}
	return m
}

// sources are those whom the participant was sent at last.
func (w *window) sources() []string {
	var sources []string
	if n := len(w.samples); n > 0 {
		for _, slot := range w.samples[n-1].GetSlots() {
			sources = append(sources, slot.GetSourceId())
		}
	}
	return sources
}

// lossUp is the loss on the way from the participant to the relay; nil when it was not measured.
func (w *window) lossUp() *float64 {
	var up mean
	for _, s := range w.samples {
		if s.LossUp != nil {
			up.add(s.GetLossUp())
		}
	}
	return up.value()
}

// tallest is the largest layer of a kind that the participant sends now.
func (w *window) tallest(kind relayv1.MediaKind) uint32 {
	var height uint32
	if n := len(w.samples); n > 0 {
		for _, layer := range w.samples[n-1].GetLayersUp() {
			if layer.GetKind() == kind && layer.GetBitrate() > 0 {
				height = max(height, layer.GetHeight())
			}
		}
	}
	return height
}

func sameReport(a, b *relayv1.ClientStats) bool {
	return b != nil && a.GetFramesDecoded() == b.GetFramesDecoded() && a.GetTotalSamples() == b.GetTotalSamples() &&
		a.GetFreezes() == b.GetFreezes() && a.GetSpanMs() == b.GetSpanMs()
}

// mean adds up what was measured.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(v float64) { m.sum, m.n = m.sum+v, m.n+1 }

func (m mean) value() *float64 {
	if m.n == 0 {
		return nil
	}
	v := m.sum / float64(m.n)
	return &v
}

func whole(m mean) *uint32 {
	if m.n == 0 {
		return nil
	}
	v := uint32(m.sum/float64(m.n) + 0.5)
	return &v
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
