package answer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// engine has every codec that the relay forwards, with the numbers that Chromium uses.
func engine(t *testing.T) *webrtc.MediaEngine {
	t.Helper()
	m := &webrtc.MediaEngine{}
	add := func(kind webrtc.RTPCodecType, number webrtc.PayloadType, mime string, clock uint32, channels uint16, fmtp string) {
		codec := webrtc.RTPCodecCapability{MimeType: mime, ClockRate: clock, Channels: channels, SDPFmtpLine: fmtp}
		if kind == webrtc.RTPCodecTypeVideo && mime != webrtc.MimeTypeRTX {
			codec.RTCPFeedback = []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "goog-remb"}}
		}
		if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: codec, PayloadType: number}, kind); err != nil {
			t.Fatal(err)
		}
	}
	add(webrtc.RTPCodecTypeAudio, 111, webrtc.MimeTypeOpus, 48000, 2, "minptime=10;useinbandfec=1")
	add(webrtc.RTPCodecTypeAudio, 63, "audio/red", 48000, 2, "111/111")
	for _, c := range []struct {
		number     webrtc.PayloadType
		mime, fmtp string
	}{
		{96, webrtc.MimeTypeVP8, ""},
		{108, webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
		{98, webrtc.MimeTypeVP9, "profile-id=0"},
		{45, webrtc.MimeTypeAV1, "level-idx=5;profile=0;tier=0"},
	} {
		add(webrtc.RTPCodecTypeVideo, c.number, c.mime, 90000, 0, c.fmtp)
		add(webrtc.RTPCodecTypeVideo, c.number+1, webrtc.MimeTypeRTX, 90000, 0, "apt="+strconv.Itoa(int(c.number)))
	}
	if err := webrtc.ConfigureSimulcastExtensionHeaders(m); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: transportCCURI}, kind); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// newPeer makes one end of a connection over 127.0.0.1.
func newPeer(t *testing.T, c webrtc.Configuration, settings webrtc.SettingEngine) *webrtc.PeerConnection {
	t.Helper()
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(net.IP.IsLoopback)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine(t)), webrtc.WithSettingEngine(settings)).NewPeerConnection(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	return pc
}

func track(t *testing.T, mime, id, stream, rid string) *webrtc.TrackLocalStaticRTP {
	t.Helper()
	var options []func(*webrtc.TrackLocalStaticRTP)
	if rid != "" {
		options = append(options, webrtc.WithRTPStreamID(rid))
	}
	local, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, id, stream, options...)
	if err != nil {
		t.Fatal(err)
	}
	return local
}

// participant offers the agreed shape, with a camera of three layers.
func participant(t *testing.T) *webrtc.PeerConnection {
	t.Helper()
	pc := newPeer(t, webrtc.Configuration{}, webrtc.SettingEngine{})
	send := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
	must := func(tr *webrtc.RTPTransceiver, err error) *webrtc.RTPTransceiver {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	must(pc.AddTransceiverFromTrack(track(t, webrtc.MimeTypeOpus, "microphone", "-", ""), send))
	camera := must(pc.AddTransceiverFromTrack(track(t, webrtc.MimeTypeVP8, "camera", "-", "q"), send))
	for _, rid := range []string{"h", "f"} {
		if err := camera.Sender().AddEncoding(track(t, webrtc.MimeTypeVP8, "camera", "-", rid)); err != nil {
			t.Fatal(err)
		}
	}
	must(pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, send))
	must(pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, send))
	receive := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
	for range 4 {
		must(pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, receive))
	}
	for range 4 {
		must(pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, receive))
	}
	negotiated, id := true, uint16(0)
	if _, err := pc.CreateDataChannel("control", &webrtc.DataChannelInit{Negotiated: &negotiated, ID: &id}); err != nil {
		t.Fatal(err)
	}
	return pc
}

// identity is a certificate and its digest.
func identity(t *testing.T) (webrtc.Certificate, [sha256.Size]byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		t.Fatal(err)
	}
	prints, err := certificate.GetFingerprints()
	if err != nil {
		t.Fatal(err)
	}
	var digest [sha256.Size]byte
	if _, err := hex.Decode(digest[:], []byte(strings.ReplaceAll(prints[0].Value, ":", ""))); err != nil {
		t.Fatal(err)
	}
	return *certificate, digest
}

// formats of the video slots in this test.
var formats = []struct {
	mime string
	key  munge.Key
}{{webrtc.MimeTypeVP8, "video/vp8"}, {webrtc.MimeTypeH264, baseline}, {webrtc.MimeTypeVP9, "video/vp9"}, {webrtc.MimeTypeAV1, "video/av1"}}

// TestWrite_IsTakenByPion gives a participant on Pion our answer, while another Pion carries the packets with the
// numbers that the answer agreed on; what that one would have answered itself is thrown away.
func TestWrite_IsTakenByPion(t *testing.T) {
	testkit.NoLeaks(t)
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	mux := webrtc.NewICEUDPMux(nil, socket)
	t.Cleanup(func() { _ = mux.Close() })
	certificate, digest := identity(t)

	client := participant(t)
	offered, err := client.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.SetLocalDescription(offered); err != nil {
		t.Fatal(err)
	}
	p := paramsFor(parse(t, offered.SDP))
	p.Fingerprint, p.Addresses = digest, []netip.AddrPort{socket.LocalAddr().(*net.UDPAddr).AddrPort()}
	text, a := Write(p)

	var settings webrtc.SettingEngine
	settings.SetLite(true)
	settings.SetICECredentials(p.Ufrag, p.Password)
	settings.SetICEUDPMux(mux)
	if err := settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		t.Fatal(err)
	}
	carrier := newPeer(t, webrtc.Configuration{Certificates: []webrtc.Certificate{certificate}}, settings)
	slots := carry(t, carrier, a, offered)

	arrived := make(chan *webrtc.TrackRemote, len(slots))
	client.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { arrived <- tr })
	if err := client.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: text}); err != nil {
		t.Fatalf("%v of\n%s", err, text)
	}
	checkSending(t, client, a)
	checkSlots(t, await(t, slots, arrived), a)
}

// carry makes the carrier answer for itself, sending on the agreed slots.
func carry(t *testing.T, pc *webrtc.PeerConnection, a Answer, offered webrtc.SessionDescription) []*webrtc.TrackLocalStaticRTP {
	t.Helper()
	var out []*webrtc.TrackLocalStaticRTP
	for i, slot := range slices.Concat(a.Audio, a.Video) {
		mime := webrtc.MimeTypeOpus
		if i >= len(a.Audio) {
			mime = formats[i-len(a.Audio)].mime
		}
		local := track(t, mime, "-", "-", "")
		if _, err := pc.AddTransceiverFromTrack(local, webrtc.RTPTransceiverInit{
			Direction:     webrtc.RTPTransceiverDirectionSendonly,
			SendEncodings: []webrtc.RTPEncodingParameters{{RTPCodingParameters: webrtc.RTPCodingParameters{SSRC: webrtc.SSRC(slot.SSRC)}}},
		}); err != nil {
			t.Fatal(err)
		}
		out = append(out, local)
	}
	if err := pc.SetRemoteDescription(offered); err != nil {
		t.Fatal(err)
	}
	own, err := pc.CreateAnswer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(own); err != nil {
		t.Fatal(err)
	}
	return out
}

// await sends on all slots until each has arrived at the client. What is sent before the connection stands is lost.
func await(t *testing.T, slots []*webrtc.TrackLocalStaticRTP, arrived <-chan *webrtc.TrackRemote) map[string]*webrtc.TrackRemote {
	t.Helper()
	got := map[string]*webrtc.TrackRemote{}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for number := uint16(1); len(got) < len(slots); {
		select {
		case tr := <-arrived:
			got[tr.ID()] = tr
		case <-tick.C:
			for _, slot := range slots {
				_ = slot.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: number}, Payload: []byte{1, 2, 3}})
			}
			number++
		case <-ctx.Done():
			t.Fatalf("only %d of %d slots", len(got), len(slots))
		}
	}
	return got
}

func checkSlots(t *testing.T, got map[string]*webrtc.TrackRemote, a Answer) {
	t.Helper()
	for i, slot := range slices.Concat(a.Audio, a.Video) {
		tr, key, index := got[slot.ID], munge.Key("audio/opus"), i
		if i >= len(a.Audio) {
			index = i - len(a.Audio)
			key = formats[index].key
		}
		if tr == nil || tr.StreamID() != "slot"+strconv.Itoa(index) || uint32(tr.SSRC()) != slot.SSRC || uint32(tr.RtxSSRC()) != slot.Repair {
			t.Errorf("slot %s became %+v", slot.ID, tr)
			continue
		}
		if codec := tr.Codec(); munge.KeyOf(codec.MimeType, codec.SDPFmtpLine) != key || uint8(codec.PayloadType) != slot.Payloads[key].Type {
			t.Errorf("slot %s has codec %+v", slot.ID, codec)
		}
	}
}

// checkSending looks at what the client has agreed to send.
func checkSending(t *testing.T, client *webrtc.PeerConnection, a Answer) {
	t.Helper()
	for i, tr := range client.GetTransceivers()[:len(a.Sources)] {
		source, params := a.Sources[i], tr.Sender().GetParameters()
		if tr.Mid() != source.Mid || tr.Direction() != webrtc.RTPTransceiverDirectionSendonly || len(params.Encodings) != max(1, len(source.RIDs)) {
			t.Errorf("source %d is %s with %+v", i, tr.Mid(), params.Encodings)
		}
		for _, e := range params.HeaderExtensions {
			want := map[string]uint8{
				midURI: source.Extensions.Mid, ridURI: source.Extensions.RID, repairedRIDURI: source.Extensions.RepairedRID,
				transportCCURI: source.Extensions.TransportCC,
			}[e.URI]
			if want != 0 && int(want) != e.ID {
				t.Errorf("source %d has %s as %d, want %d", i, e.URI, e.ID, want)
			}
		}
		for _, codec := range params.Codecs {
			agreed, ok := source.Codecs[uint8(codec.PayloadType)]
			if repair := codec.MimeType == webrtc.MimeTypeRTX; !ok || repair != (agreed.RepairOf != 0) ||
				!repair && agreed.Key != munge.KeyOf(codec.MimeType, codec.SDPFmtpLine) {
				t.Errorf("source %d sends %+v, agreed %+v", i, codec, agreed)
			}
		}
	}
}
