package relay_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

// participant is a real Pion client that makes the agreed offer and remembers all that it is sent.
type participant struct {
	t       testing.TB
	id      string
	pc      *webrtc.PeerConnection
	control *webrtc.DataChannel
	senders map[string]*sender // "microphone", "camera/q", …, "screen", "screenAudio"
	slots   map[string]string  // mid -> slot id

	mu        sync.Mutex
	opened    bool
	connected bool
	messages  []*relayv1.ServerMessage
	received  map[string][]arrival // by slot id
	mute      bool                 // does not acknowledge slots
	loops     sync.WaitGroup
	quiet     chan struct{} // closed: no more heartbeats (beat)
	options   options
}

// arrival is one received packet.
type arrival struct {
	*rtp.Packet
	at time.Time
}

// options of a participant.
type options struct {
	audio, video int // receive slots; 0: 4 and 3
	noSimulcast  bool
	tcpOnly      bool
	noAcks       bool
	// red and asks: takes sound with repeated frames, asks for lost sound. Both come with reports on all packets.
	red, asks bool
	feedback  bool // reports on all packets
	// through sends media to this address instead of the relay's own.
	through netip.AddrPort
}

func clientAPI(t testing.TB, o options) *webrtc.API {
	t.Helper()
	m := &webrtc.MediaEngine{}
	registerSound(t, m, o)
	for _, c := range []webrtc.RTPCodecParameters{
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}}}, PayloadType: 120},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=120"}, PayloadType: 121},
	} {
		must(t, m.RegisterCodec(c, webrtc.RTPCodecTypeVideo))
	}
	must(t, webrtc.ConfigureSimulcastExtensionHeaders(m))
	registry := &interceptor.Registry{}
	generator, err := nack.NewGeneratorInterceptor(nack.GeneratorInterval(10 * time.Millisecond))
	must(t, err)
	responder, err := nack.NewResponderInterceptor()
	must(t, err)
	registry.Add(generator)
	registry.Add(responder)
	must(t, webrtc.ConfigureRTCPReports(registry))
	if o.red || o.asks || o.feedback {
		must(t, webrtc.ConfigureTWCCSender(m, registry))
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	s := webrtc.SettingEngine{LoggerFactory: quiet}
	s.SetIncludeLoopbackCandidate(true)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if o.tcpOnly {
		s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	} else {
		s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(s))
}

// join connects a participant under the rig's current policy.
func (r *rig) join(id string, o options) *participant {
	r.t.Helper()
	p := newParticipant(r.t, id, o)
	p.connect(r)
	return p
}

func newParticipant(t testing.TB, id string, o options) *participant {
	t.Helper()
	pc, err := clientAPI(t, o).NewPeerConnection(webrtc.Configuration{})
	must(t, err)
	p := &participant{
		t: t, id: id, pc: pc, mute: o.noAcks, options: o,
		quiet: make(chan struct{}), senders: map[string]*sender{}, slots: map[string]string{}, received: map[string][]arrival{},
	}
	t.Cleanup(p.leave)
	p.addSenders(o)
	p.addSlots(o)
	p.addControl()
	pc.OnTrack(p.receive)
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.connected = s == webrtc.PeerConnectionStateConnected
	})
	return p
}

func (p *participant) addSenders(o options) {
	p.add("microphone", webrtc.MimeTypeOpus, "")
	if o.noSimulcast {
		p.add("camera", webrtc.MimeTypeVP8, "")
	} else {
		p.add("camera", webrtc.MimeTypeVP8, "q", "h", "f")
	}
	p.add("screen", webrtc.MimeTypeVP8, "")
	p.add("screenAudio", webrtc.MimeTypeOpus, "")
}

func (p *participant) add(name, mime string, rids ...string) {
	var rtpSender *webrtc.RTPSender
	for _, rid := range rids {
		var options []func(*webrtc.TrackLocalStaticRTP)
		key := name
		if rid != "" {
			options = append(options, webrtc.WithRTPStreamID(rid))
			key += "/" + rid
		}
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, name, name, options...)
		must(p.t, err)
		if rtpSender == nil {
			transceiver, err := p.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
			must(p.t, err)
			rtpSender = transceiver.Sender()
		} else {
			must(p.t, rtpSender.AddEncoding(track))
		}
		p.senders[key] = newSender(p, key, track, rtpSender)
	}
}

func (p *participant) addSlots(o options) {
	if o.audio == 0 {
		o.audio = 4
	}
	if o.video == 0 {
		o.video = 3
	}
	for range o.audio {
		_, err := p.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		must(p.t, err)
	}
	for range o.video {
		_, err := p.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		must(p.t, err)
	}
}

func (p *participant) addControl() {
	negotiated, id := true, uint16(0)
	dc, err := p.pc.CreateDataChannel("control", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &id})
	must(p.t, err)
	p.control = dc
	dc.OnOpen(func() { p.mu.Lock(); p.opened = true; p.mu.Unlock() })
	dc.OnMessage(func(m webrtc.DataChannelMessage) { p.message(m.Data) })
}

// message keeps what the relay says and acknowledges slots.
func (p *participant) message(data []byte) {
	m := &relayv1.ServerMessage{}
	if err := proto.Unmarshal(data, m); err != nil {
		p.t.Errorf("%s: message of the relay: %v", p.id, err)
		return
	}
	p.mu.Lock()
	p.messages = append(p.messages, m)
	acknowledges := !p.mute
	p.mu.Unlock()
	if c := m.GetSlotChanged(); c != nil && acknowledges {
		p.say(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_SlotAck{SlotAck: &relayv1.SlotAck{SlotId: c.GetSlotId(), Generation: c.GetGeneration()}}})
	}
}

// connect exchanges offer and answer.
func (p *participant) connect(r *rig) {
	p.t.Helper()
	resp, err := r.client.Connect(p.t.Context(), &relayv1.ConnectRequest{
		LessonId: lesson, ParticipantId: p.id, Offer: p.offer(), Policy: r.current(),
	})
	must(p.t, err)
	answer := rerouted(resp.GetAnswer(), p.options.through)
	p.nameSlots() // before the answer: the first packet may be there right behind it
	must(p.t, p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
}

// nameSlots gives the receive sections of the offer their names, in m-line order.
func (p *participant) nameSlots() {
	audio, video := 0, 0
	for _, t := range p.pc.GetTransceivers() {
		if t.Direction() != webrtc.RTPTransceiverDirectionRecvonly {
			continue
		}
		if t.Kind() == webrtc.RTPCodecTypeAudio {
			p.slots[t.Mid()] = "audio" + strconv.Itoa(audio)
			audio++
		} else {
			p.slots[t.Mid()] = "video" + strconv.Itoa(video)
			video++
		}
	}
}

// rerouted is an answer whose only candidate is a UDP proxy.
func rerouted(answer string, through netip.AddrPort) string {
	if !through.IsValid() {
		return answer
	}
	var out strings.Builder
	done := false
	for line := range strings.Lines(answer) {
		if !strings.HasPrefix(line, "a=candidate:") {
			out.WriteString(line)
		} else if !done {
			done = true
			fmt.Fprintf(&out, "a=candidate:1 1 udp 2130706431 %s %d typ host\r\n", through.Addr(), through.Port())
		}
	}
	return out.String()
}

// offer is made without candidates, as browsers of ours do.
func (p *participant) offer() string {
	p.t.Helper()
	offer, err := p.pc.CreateOffer(nil)
	must(p.t, err)
	must(p.t, p.pc.SetLocalDescription(offer))
	return offer.SDP
}

func (p *participant) receive(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	id := ""
	for _, one := range p.pc.GetTransceivers() {
		if one.Receiver() == r {
			id = p.slots[one.Mid()]
		}
	}
	p.loops.Go(func() { // Pion learns of sender reports only when somebody reads
		for {
			if _, _, err := r.ReadRTCP(); err != nil {
				return
			}
		}
	})
	for {
		packet, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.received[id] = append(p.received[id], arrival{packet, time.Now()})
		p.mu.Unlock()
	}
}

// say sends a message to the relay.
func (p *participant) say(m *relayv1.ClientMessage) {
	data, err := proto.Marshal(m)
	if err != nil {
		p.t.Errorf("%s: %v", p.id, err)
		return
	}
	// A connection that was just closed takes no messages.
	_ = p.control.Send(data)
}

func (p *participant) want(slot string, height uint32, source string, kind relayv1.MediaKind) {
	p.say(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_WantSlot{WantSlot: &relayv1.WantSlot{
		SlotId: slot, MaxHeight: height, ParticipantId: source, Kind: kind,
	}}})
}

// heard reports whether a slot carries packets of a source ("teacher/camera/h", or "teacher/camera" for any layer)
// that came after since.
func (p *participant) heard(slot, source string, since time.Time) bool {
	return slices.ContainsFunc(p.packets(slot), func(a arrival) bool {
		return a.at.After(since) && strings.HasPrefix(content(a.Packet), source)
	})
}

// hears is heard in any slot of a kind ("audio", "video").
func (p *participant) hears(kind, source string, since time.Time) bool {
	for n := range 4 {
		if p.heard(kind+strconv.Itoa(n), source, since) {
			return true
		}
	}
	return false
}

func (p *participant) packets(slot string) []arrival {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.received[slot])
}

func (p *participant) said() []*relayv1.ServerMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.messages)
}

func (p *participant) isOpen() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened && p.connected
}

// leave ends the participant's side.
func (p *participant) leave() {
	for _, s := range p.senders {
		s.stop()
	}
	_ = p.pc.GracefulClose()
	p.loops.Wait()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
