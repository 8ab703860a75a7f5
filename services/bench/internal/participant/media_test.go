package participant

import (
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/bench/internal/probe"
)

func TestMedia_ProvesContentThroughAPeer(t *testing.T) {
	s := newServer(t)
	r := newMirror(t, s, "rom_1")
	p, _ := s.enter("rom_1", 4)
	m, err := p.ConnectMedia(bounded(t), MediaParams{AudioSlots: 4, VideoSlots: 3, Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.AwaitConnected(bounded(t)); err != nil {
		t.Fatal(err)
	}
	if after, err := m.AwaitFirstFrame(bounded(t)); err != nil || after <= 0 {
		t.Fatalf("first frame after %v (%v)", after, err)
	}
	for _, kind := range []probe.Kind{probe.Audio, probe.Video} {
		if err := m.AwaitReceived(bounded(t), "rom_1", kind, 20); err != nil {
			t.Fatal(err)
		}
		if c := m.Counts(kind); c.Broken != 0 || c.Repeated != 0 || c.LossRatio() > 0.01 {
			t.Errorf("kind %d: %v", kind, c)
		}
	}
	testkit.Eventually(t, func() bool { _, answered := m.Heartbeats(); return answered > 0 }, "a heartbeat was answered")
	if ack := testkit.Receive(t, r.acks, "the acknowledgement"); ack.GetSlotId() != "video0" || ack.GetGeneration() != 7 {
		t.Errorf("acknowledged %v", ack)
	}
	r.say(&relayv1.ServerMessage{Kind: &relayv1.ServerMessage_Goodbye{Goodbye: &relayv1.Goodbye{}}})
	testkit.Closed(t, m.Goodbye(), "goodbye")
}

func TestMedia_OffersTheAgreedSections(t *testing.T) {
	s := newServer(t)
	r := newMirror(t, s, "psn_1")
	p, _ := s.enter("psn_1", 4)
	m, err := p.ConnectMedia(bounded(t), MediaParams{AudioSlots: 4, VideoSlots: 10, Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	want := "audio sendonly,video sendonly,video sendonly,audio sendonly" +
		strings.Repeat(",audio recvonly", 4) + strings.Repeat(",video recvonly", 10) + ",application sendrecv"
	if got := strings.Join(sections(r.offer), ","); got != want {
		t.Errorf("offered\n%s, want\n%s", got, want)
	}
	if len(r.offer) > 96<<10 || strings.Contains(r.offer, "a=candidate") {
		t.Errorf("an offer of %d bytes, with candidates: %v", len(r.offer), strings.Contains(r.offer, "a=candidate"))
	}
}

func TestConnectMedia_LeavesNothingBehindWhenItIsRefused(t *testing.T) {
	s := newServer(t)
	handle(s, classroomv1.ClassroomService_ConnectMedia_FullMethodName,
		func(*classroomv1.ConnectMediaRequest) (*classroomv1.ConnectMediaResponse, error) {
			return nil, errors.New("refused")
		})
	p, _ := s.enter("psn_1", 4)
	if m, err := p.ConnectMedia(bounded(t), MediaParams{AudioSlots: 1, VideoSlots: 1, Loopback: true}); err == nil {
		m.Close()
		t.Fatal("connected without an answer")
	}
}

// sections lists kind and direction of each m-line.
func sections(sdp string) (out []string) {
	for _, section := range strings.Split(sdp, "\r\nm=")[1:] {
		kind, _, _ := strings.Cut(section, " ")
		direction := ""
		for _, d := range []string{"sendonly", "recvonly", "sendrecv"} {
			if strings.Contains(section, "\r\na="+d) {
				direction = d
			}
		}
		out = append(out, kind+" "+direction)
	}
	return out
}

// mirror is the smallest relay: it sends a participant's own sound and picture back in slots audio0 and video0.
type mirror struct {
	t     *testing.T
	self  string
	offer string
	acks  chan *relayv1.SlotAck

	mu      sync.Mutex
	pc      *webrtc.PeerConnection
	channel *webrtc.DataChannel
}

func newMirror(t *testing.T, s *server, self string) *mirror {
	r := &mirror{t: t, self: self, acks: make(chan *relayv1.SlotAck, 10)}
	handle(s, classroomv1.ClassroomService_ConnectMedia_FullMethodName,
		func(req *classroomv1.ConnectMediaRequest) (*classroomv1.ConnectMediaResponse, error) {
			answer, err := r.answer(req.GetOffer())
			return &classroomv1.ConnectMediaResponse{Answer: answer, ConnectionId: "con_1"}, err
		})
	t.Cleanup(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.pc != nil {
			_ = r.pc.GracefulClose()
		}
	})
	return r
}

func (r *mirror) answer(offer string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.offer = offer
	media, settings := &webrtc.MediaEngine{}, webrtc.SettingEngine{}
	settings.SetLite(true)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	if err := errors.Join(registerCodecs(media), settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer)); err != nil {
		return "", err
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	r.pc = pc
	back := map[webrtc.RTPCodecType]*webrtc.TrackLocalStaticRTP{}
	for _, section := range sections(offer) {
		kind, direction, _ := strings.Cut(section, " ")
		if direction != "recvonly" {
			continue
		}
		mime := map[string]string{"audio": webrtc.MimeTypeOpus, "video": webrtc.MimeTypeVP8}[kind]
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, kind, "slot")
		if err != nil {
			return "", err
		}
		if _, err := pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
			return "", err
		}
		if back[track.Kind()] == nil {
			back[track.Kind()] = track
		}
	}
	pc.OnTrack(func(in *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		if in.Kind() == webrtc.RTPCodecTypeVideo {
			_ = pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(in.SSRC())}})
		}
		for {
			packet, _, err := in.ReadRTP()
			if err != nil {
				return
			}
			_ = back[in.Kind()].WriteRTP(packet)
		}
	})
	if err := r.open(pc); err != nil {
		return "", err
	}
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

// open makes data channel 0, greets on it, and then says that video0 carries the participant.
func (r *mirror) open(pc *webrtc.PeerConnection) error {
	negotiated, id := true, uint16(0)
	channel, err := pc.CreateDataChannel("control", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &id})
	if err != nil {
		return err
	}
	r.channel = channel
	channel.OnOpen(func() {
		r.say(&relayv1.ServerMessage{Kind: &relayv1.ServerMessage_Hello{Hello: &relayv1.Hello{
			ConnectionId: "con_1", Slots: []*relayv1.Slot{{SlotId: "audio0", Mid: "4"}, {SlotId: "video0", Mid: "8"}},
		}}})
		r.say(&relayv1.ServerMessage{Kind: &relayv1.ServerMessage_SlotChanged{SlotChanged: &relayv1.SlotChanged{
			SlotId: "video0", Generation: 7, ParticipantId: r.self, Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA,
		}}})
	})
	channel.OnMessage(func(raw webrtc.DataChannelMessage) {
		var msg relayv1.ClientMessage
		if err := proto.Unmarshal(raw.Data, &msg); err != nil {
			r.t.Errorf("message %x: %v", raw.Data, err)
			return
		}
		if msg.GetSlotAck() != nil {
			r.acks <- msg.GetSlotAck()
		}
		if beat := msg.GetHeartbeat(); beat != nil {
			r.say(&relayv1.ServerMessage{Kind: &relayv1.ServerMessage_Heartbeat{Heartbeat: beat}})
		}
	})
	return nil
}

func (r *mirror) say(msg *relayv1.ServerMessage) {
	data, err := proto.Marshal(msg)
	if err == nil {
		err = r.channel.Send(data)
	}
	if err != nil {
		r.t.Errorf("say %v: %v", msg, err)
	}
}
