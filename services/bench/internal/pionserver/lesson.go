package pionserver

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

// top is the layer of a simulcast camera that is forwarded.
const top = "f"

// lesson is publications and those who receive them.
type lesson struct {
	mu           sync.Mutex
	publications map[string]*publication // by participant and kind of media
	peers        map[*webrtc.PeerConnection]struct{}
	loops        sync.WaitGroup
}

// publication is one track, known from the first time that a policy names it.
type publication struct {
	track *webrtc.TrackLocalStaticRTP

	mu    sync.Mutex
	from  *webrtc.PeerConnection // nil before its publisher sends
	ssrc  uint32
	asked time.Time
}

func newLesson() *lesson {
	return &lesson{publications: map[string]*publication{}, peers: map[*webrtc.PeerConnection]struct{}{}}
}

// publication returns a participant's track of a kind.
func (l *lesson) publication(participant string, kind webrtc.RTPCodecType) (*publication, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := participant + "/" + kind.String()
	if p := l.publications[key]; p != nil {
		return p, nil
	}
	mime := webrtc.MimeTypeVP8
	if kind == webrtc.RTPCodecTypeAudio {
		mime = webrtc.MimeTypeOpus
	}
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, kind.String(), participant)
	if err != nil {
		return nil, err
	}
	p := &publication{track: track}
	l.publications[key] = p
	return p, nil
}

// others are the participants of a policy that send, without one.
func others(req *relayv1.ConnectRequest) []string {
	var out []string
	for _, p := range req.GetPolicy().GetParticipants() {
		if p.GetParticipantId() != req.GetParticipantId() && len(p.GetMaySend()) > 0 {
			out = append(out, p.GetParticipantId())
		}
	}
	return out
}

// join binds the slots of an offer and answers it.
func (l *lesson) join(pc *webrtc.PeerConnection, req *relayv1.ConnectRequest) (string, error) {
	l.mu.Lock()
	l.peers[pc] = struct{}{}
	l.mu.Unlock()
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { l.receive(pc, req.GetParticipantId(), t) })
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			l.requestKeyframes(others(req))
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			l.leave(pc)
		}
	})
	sections, err := slots(req.GetOffer())
	if err != nil {
		return "", err
	}
	sources := others(req)
	for kind, n := range sections {
		for i := range n {
			name := ""
			if i < len(sources) {
				name = sources[i]
			}
			if err := l.bind(pc, kind, name); err != nil {
				return "", err
			}
		}
	}
	if err := channels(pc); err != nil {
		return "", err
	}
	return negotiate(pc, req.GetOffer())
}

// slots counts the receiving sections of an offer.
func slots(offer string) (map[webrtc.RTPCodecType]int, error) {
	parsed, err := (&webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}).Unmarshal()
	if err != nil {
		return nil, err
	}
	out := map[webrtc.RTPCodecType]int{}
	for _, m := range parsed.MediaDescriptions {
		if _, receives := m.Attribute("recvonly"); receives {
			out[webrtc.NewRTPCodecType(m.MediaName.Media)]++
		}
	}
	return out, nil
}

// bind fills a slot with somebody's track; without a name nothing is ever sent in it.
func (l *lesson) bind(pc *webrtc.PeerConnection, kind webrtc.RTPCodecType, name string) error {
	p, err := l.publication(name, kind)
	if err != nil {
		return err
	}
	transceiver, err := pc.AddTransceiverFromTrack(p.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return err
	}
	l.loops.Go(func() { p.feedback(transceiver.Sender()) })
	return nil
}

// feedback passes keyframe requests on; the interceptors do the rest, and only while somebody reads.
func (p *publication) feedback(sender *webrtc.RTPSender) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		if slices.ContainsFunc(packets, asksForKeyframe) {
			p.requestKeyframe()
		}
	}
}

// requestKeyframes asks for what somebody who just came in can begin with.
func (l *lesson) requestKeyframes(publishers []string) {
	for _, name := range publishers {
		if p, err := l.publication(name, webrtc.RTPCodecTypeVideo); err == nil {
			p.requestKeyframe()
		}
	}
}

func asksForKeyframe(p rtcp.Packet) bool {
	switch p.(type) {
	case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
		return true
	}
	return false
}

// requestKeyframe asks the publisher, at most twice a second.
func (p *publication) requestKeyframe() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); p.from != nil && now.Sub(p.asked) >= 500*time.Millisecond {
		p.asked = now
		_ = p.from.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: p.ssrc}}) // asked for again
	}
}

// receive copies a publisher's packets to the track until the connection ends.
func (l *lesson) receive(pc *webrtc.PeerConnection, participant string, t *webrtc.TrackRemote) {
	p, err := l.publication(participant, t.Kind())
	if err != nil {
		return
	}
	forwarded := t.RID() == "" || t.RID() == top
	if forwarded {
		p.mu.Lock()
		p.from, p.ssrc = pc, uint32(t.SSRC())
		p.mu.Unlock()
	}
	for {
		packet, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		if forwarded {
			packet.Extension, packet.Extensions = false, nil // numbered by the publisher's own answer
			_ = p.track.WriteRTP(packet)                     // fails for connections that end
		}
	}
}

// channels opens the agreed data channels; nothing is said on them.
func channels(pc *webrtc.PeerConnection) error {
	negotiated, unordered, never := true, false, uint16(0)
	control, pointer := uint16(0), uint16(1)
	if _, err := pc.CreateDataChannel("control", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &control}); err != nil {
		return err
	}
	_, err := pc.CreateDataChannel("pointer", &webrtc.DataChannelInit{
		Negotiated: &negotiated, ID: &pointer, Ordered: &unordered, MaxRetransmits: &never,
	})
	return err
}

func negotiate(pc *webrtc.PeerConnection, offer string) (string, error) {
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}

// leave forgets a connection.
func (l *lesson) leave(pc *webrtc.PeerConnection) {
	l.mu.Lock()
	_, there := l.peers[pc]
	delete(l.peers, pc)
	l.mu.Unlock()
	if there {
		l.loops.Go(func() { _ = pc.Close() })
	}
}

// close ends all connections.
func (l *lesson) close() {
	l.mu.Lock()
	peers := l.peers
	l.peers = map[*webrtc.PeerConnection]struct{}{}
	l.mu.Unlock()
	for pc := range peers {
		_ = pc.GracefulClose()
	}
	l.loops.Wait()
}
