package participant

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/tongke-edu/tongke/services/bench/internal/probe"
)

const (
	soundInterval = 20 * time.Millisecond
	soundTicks    = 960 // of 48 kHz
	frameInterval = 40 * time.Millisecond
	frameTicks    = 3600 // of 90 kHz
)

// addMicrophone adds the first section and sends sound until ctx ends.
func (m *Media) addMicrophone(ctx context.Context, sound *probe.Sound, id string) error {
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "microphone", id)
	if err != nil {
		return err
	}
	sender, err := m.addSender(track)
	if err != nil {
		return err
	}
	m.wg.Go(func() { drain(sender, nil) })
	m.wg.Go(func() {
		out := stream{track: track, step: soundTicks}
		every(ctx, soundInterval, func() { out.write([][]byte{sound.Next()}) })
	})
	return nil
}

// addCamera adds the second section and sends pictures until ctx ends, a keyframe whenever one is asked for.
func (m *Media) addCamera(ctx context.Context, picture *probe.Picture, id string) error {
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "camera", id)
	if err != nil {
		return err
	}
	sender, err := m.addSender(track)
	if err != nil {
		return err
	}
	var keyframe atomic.Bool
	keyframe.Store(true)
	m.wg.Go(func() { drain(sender, &keyframe) })
	m.wg.Go(func() {
		out := stream{track: track, step: frameTicks}
		every(ctx, frameInterval, func() { out.write(picture.Next(keyframe.Swap(false))) })
	})
	return nil
}

func (m *Media) addSender(track webrtc.TrackLocal) (*webrtc.RTPSender, error) {
	tr, err := m.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, err
	}
	return tr.Sender(), nil
}

// drain reads a sender's feedback until it ends, so that lost packets are sent again, and notes keyframe requests.
func drain(sender *webrtc.RTPSender, keyframe *atomic.Bool) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				if keyframe != nil {
					keyframe.Store(true)
				}
			}
		}
	}
}

// stream writes RTP packets of one track.
type stream struct {
	track *webrtc.TrackLocalStaticRTP
	step  uint32
	time  uint32
	seq   uint16
}

// write sends the packets of one point in time.
func (s *stream) write(payloads [][]byte) {
	s.time += s.step
	for i, payload := range payloads {
		s.seq++
		// It fails when the connection is closed, which ends the loop by its context.
		_ = s.track.WriteRTP(&rtp.Packet{
			Header: rtp.Header{
				Version: 2, SequenceNumber: s.seq, Timestamp: s.time, Marker: i == len(payloads)-1,
			},
			Payload: payload,
		})
	}
}

// every calls f at an interval until ctx ends.
func every(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f()
		}
	}
}
