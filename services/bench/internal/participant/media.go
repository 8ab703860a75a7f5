package participant

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/tongke-edu/tongke/services/bench/internal/probe"
)

// MediaParams say what a participant asks for.
type MediaParams struct {
	// AudioSlots (1..4) and VideoSlots (1..10) are the receive slots.
	AudioSlots, VideoSlots int
	// Loopback restricts the connection to 127.0.0.1.
	Loopback bool
}

// Media is one media connection, sending camera and microphone all the time.
type Media struct {
	pc      *webrtc.PeerConnection
	control *control
	slots   *slots
	began   time.Time
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	once  sync.Once
	state chan webrtc.PeerConnectionState // the newest, dropped when nobody reads
}

// ConnectMedia joins with one offer and one answer, and returns when both are exchanged; ICE and DTLS go on meanwhile.
func (p *Participant) ConnectMedia(ctx context.Context, params MediaParams) (*Media, error) {
	began := time.Now()
	pc, err := newPeer(params.Loopback)
	if err != nil {
		return nil, fmt.Errorf("make peer connection: %w", err)
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	m := &Media{pc: pc, began: began, cancel: cancel, state: make(chan webrtc.PeerConnectionState, 1)}
	if err := m.join(ctx, running, p, params); err != nil {
		m.Close()
		return nil, fmt.Errorf("connect media: %w", err)
	}
	return m, nil
}

// join builds the agreed offer in m-line order and takes its answer. Senders run until running ends.
func (m *Media) join(ctx, running context.Context, p *Participant, params MediaParams) error {
	id := p.ID()
	if err := m.addMicrophone(running, probe.NewSound(id), id); err != nil {
		return err
	}
	if err := m.addCamera(running, probe.NewPicture(id), id); err != nil {
		return err
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} { // screen and its sound
		if err := m.addSection(kind, webrtc.RTPTransceiverDirectionSendonly); err != nil {
			return err
		}
	}
	for range params.AudioSlots {
		if err := m.addSection(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverDirectionRecvonly); err != nil {
			return err
		}
	}
	for range params.VideoSlots {
		if err := m.addSection(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverDirectionRecvonly); err != nil {
			return err
		}
	}
	m.slots = newSlots(m.began)
	var err error
	if m.control, err = newControl(m.pc, m.slots); err != nil {
		return err
	}
	m.wg.Go(func() { m.control.beat(running) })
	m.pc.OnTrack(m.receive)
	m.pc.OnConnectionStateChange(m.changed)
	return m.negotiate(ctx, p)
}

func (m *Media) addSection(kind webrtc.RTPCodecType, direction webrtc.RTPTransceiverDirection) error {
	_, err := m.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: direction})
	return err
}

// negotiate sends the offer without candidates: the relay finds the client by its first packet.
func (m *Media) negotiate(ctx context.Context, p *Participant) error {
	offer, err := m.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err := m.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	answer, err := p.exchange(ctx, offer.SDP)
	if err != nil {
		return err
	}
	return m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.GetAnswer()})
}

// changed keeps the newest state for whoever waits.
func (m *Media) changed(s webrtc.PeerConnectionState) {
	for {
		select {
		case m.state <- s:
			return
		default:
		}
		select {
		case <-m.state:
		default:
		}
	}
}

// errMediaFailed says that ICE or DTLS gave up.
var errMediaFailed = errors.New("the media connection failed")

// AwaitConnected waits until media can flow.
func (m *Media) AwaitConnected(ctx context.Context) error {
	for {
		switch m.pc.ConnectionState() {
		case webrtc.PeerConnectionStateConnected:
			return nil
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			return errMediaFailed
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("media still %s: %w", m.pc.ConnectionState(), ctx.Err())
		case <-m.state:
		}
	}
}

// AwaitFirstFrame waits for the first complete keyframe of anyone, and returns how long it took from before the offer
// was made.
func (m *Media) AwaitFirstFrame(ctx context.Context) (time.Duration, error) {
	select {
	case <-m.slots.firstFrame:
		return m.slots.firstFrameAfter, nil
	case <-ctx.Done():
		return 0, fmt.Errorf("no complete keyframe (connection %s; %s): %w", m.pc.ConnectionState(), m.slots, ctx.Err())
	}
}

// AwaitReceived waits until n sounds or pictures of a participant have arrived since the call.
func (m *Media) AwaitReceived(ctx context.Context, participantID string, kind probe.Kind, n uint64) error {
	return m.slots.await(ctx, participantID, kind, n)
}

// Counts sums what all slots have received of a kind.
func (m *Media) Counts(kind probe.Kind) probe.Counts { return m.slots.counts(kind) }

// Goodbye is closed when the relay ended the connection on purpose.
func (m *Media) Goodbye() <-chan struct{} { return m.control.goodbye }

// Close ends the connection and waits for its goroutines.
func (m *Media) Close() {
	m.once.Do(func() {
		m.cancel()
		_ = m.pc.GracefulClose() // what it could say is of no use any more
	})
	m.wg.Wait()
}

// quiet is how long nothing may arrive before it counts as silence.
const quiet = 500 * time.Millisecond

// AwaitSilence waits until nothing of a kind has arrived from a participant for half a second.
func (m *Media) AwaitSilence(ctx context.Context, participantID string, kind probe.Kind) error {
	for heard := true; heard; {
		pause, cancel := context.WithTimeout(ctx, quiet)
		heard = m.slots.await(pause, participantID, kind, 1) == nil
		cancel()
	}
	return ctx.Err()
}
