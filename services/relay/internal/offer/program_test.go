package offer

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pion/webrtc/v4"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// encoder is an offer in the form that OBS writes: transport in the head, H264 alone, a stream each.
const encoder = "v=0\r\no=rtc 3767197920 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" +
	"a=group:BUNDLE 0 1\r\na=group:LS 0 1\r\na=msid-semantic:WMS *\r\na=setup:actpass\r\n" +
	"a=ice-ufrag:Nmx8\r\na=ice-pwd:MdQYxbJcGdTxm5oVvQyZ2p\r\na=ice-options:ice2,trickle\r\n" +
	"a=fingerprint:sha-256 9B:63:1C:8D:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F:20:21:22:23:24:25\r\n" +
	"m=audio 61654 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 192.0.2.1\r\na=mid:0\r\na=sendonly\r\n" +
	"a=ssrc:1337 cname:obs\r\na=ssrc:1337 msid:obs audio\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n" +
	"a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1\r\n" +
	"a=candidate:1 1 UDP 2122317823 192.0.2.1 61654 typ host\r\na=end-of-candidates\r\n" +
	"m=video 61654 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 192.0.2.1\r\na=mid:1\r\na=sendonly\r\n" +
	"a=ssrc:1338 cname:obs\r\na=ssrc:1338 msid:obs video\r\na=rtcp-mux\r\na=rtpmap:96 H264/90000\r\n" +
	"a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 goog-remb\r\n" +
	"a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1\r\n"

// pionOffer is what a program with Pion's defaults writes: all that Pion knows, in the given direction.
func pionOffer(t testing.TB, direction webrtc.RTPTransceiverDirection, kinds ...webrtc.RTPCodecType) string {
	t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close() //nolint:errcheck // nothing was sent
	for _, kind := range kinds {
		if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: direction}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return text.SDP
}

const (
	sound   = webrtc.RTPCodecTypeAudio
	picture = webrtc.RTPCodecTypeVideo
)

func TestParseProgram_TakesWhatEncodersWrite(t *testing.T) {
	for program, want := range map[Program][2]Role{PublishCamera: {Microphone, Camera}, PublishScreen: {ScreenAudio, Screen}} {
		shape, err := ParseProgram(encoder, program)
		if err != nil {
			t.Fatal(err)
		}
		audio, video := shape.Sections[0], shape.Sections[1]
		if audio.Role != want[0] || video.Role != want[1] || shape.HasData() {
			t.Errorf("roles %v, %v", audio.Role, video.Role)
		}
		if !slices.Equal(keys(video), []munge.Key{"video/h264;mode=1;profile=42e0"}) || video.Streams[0].SSRC != 1338 {
			t.Errorf("video %+v", video)
		}
		if shape.Ufrag != "Nmx8" || shape.Fingerprint[0] != 0x9b {
			t.Errorf("transport %q %x", shape.Ufrag, shape.Fingerprint)
		}
	}
}

func TestParseProgram_LeavesOutWhatTheRelayDoesNotForward(t *testing.T) {
	shape, err := ParseProgram(pionOffer(t, webrtc.RTPTransceiverDirectionSendrecv, picture, sound), PublishCamera)
	if err != nil {
		t.Fatal(err)
	}
	video, audio := keys(shape.Sections[0]), keys(shape.Sections[1])
	if !slices.Equal(audio, []munge.Key{"audio/opus"}) {
		t.Errorf("audio %v", audio)
	}
	for _, key := range video {
		if strings.Contains(string(key), "h265") || strings.Contains(string(key), "profile=64") {
			t.Errorf("took %s", key)
		}
	}
	if !slices.Contains(video, "video/vp8") || !slices.Contains(video, "video/vp9") || !slices.Contains(video, "video/av1") {
		t.Errorf("video %v", video)
	}
}

func TestParseProgram_GivesAPlayerSlots(t *testing.T) {
	shape, err := ParseProgram(pionOffer(t, webrtc.RTPTransceiverDirectionRecvonly, sound, picture, picture), Watch)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(shape.AudioSlots, []string{"0"}) || !slices.Equal(shape.VideoSlots, []string{"1", "2"}) {
		t.Errorf("slots %v, %v", shape.AudioSlots, shape.VideoSlots)
	}
}

func TestParseProgram_TakesOneSectionAndATransportSaidOnce(t *testing.T) {
	if _, err := ParseProgram(pionOffer(t, webrtc.RTPTransceiverDirectionRecvonly, picture), Watch); err != nil {
		t.Errorf("a picture alone: %v", err)
	}
	once := pionOffer(t, webrtc.RTPTransceiverDirectionRecvonly, sound, picture)
	head, second, _ := strings.Cut(once, "m=video")
	var rest []string
	for line := range strings.Lines(second) {
		if !strings.HasPrefix(line, "a=ice-") && !strings.HasPrefix(line, "a=setup") {
			rest = append(rest, line)
		}
	}
	if _, err := ParseProgram(head+"m=video"+strings.Join(rest, ""), Watch); err != nil {
		t.Errorf("a bundle-only section: %v", err)
	}
}

// player is an offer in the form that a WebRTC library in Python writes: each section has its own credentials and its own
// numbering of header extensions.
const player = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=msid-semantic:WMS *\r\n" +
	"m=video 47629 UDP/TLS/RTP/SAVPF 97 98\r\nc=IN IP4 192.0.2.2\r\na=recvonly\r\na=mid:0\r\na=rtcp-mux\r\n" +
	"a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n" +
	"a=rtpmap:97 VP8/90000\r\na=rtcp-fb:97 nack pli\r\na=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=97\r\n" +
	"a=ice-ufrag:1RBR\r\na=ice-pwd:0iqjXCFGcQ9mbkH3s4YYzE\r\na=setup:actpass\r\n" +
	"a=fingerprint:sha-256 3D:91:AB:B8:78:D9:03:92:6C:15:51:37:27:A1:BC:1C:C9:21:C7:16:06:CE:41:C4:91:A9:74:44:B4:F3:FB:54\r\n" +
	"m=audio 59075 UDP/TLS/RTP/SAVPF 96 0 8\r\nc=IN IP4 192.0.2.2\r\na=recvonly\r\na=mid:1\r\na=rtcp-mux\r\n" +
	"a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n" +
	"a=rtpmap:96 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n" +
	"a=ice-ufrag:mr1S\r\na=ice-pwd:vo0bMFK9LyHDrMBhBLUBBu\r\na=setup:actpass\r\n" +
	"a=fingerprint:sha-256 3D:91:AB:B8:78:D9:03:92:6C:15:51:37:27:A1:BC:1C:C9:21:C7:16:06:CE:41:C4:91:A9:74:44:B4:F3:FB:54\r\n"

func TestParseProgram_TakesTheTransportOfTheFirstSectionForTheBundle(t *testing.T) {
	shape, err := ParseProgram(player, Watch)
	if err != nil {
		t.Fatal(err)
	}
	if shape.Ufrag != "1RBR" || shape.Password != "0iqjXCFGcQ9mbkH3s4YYzE" {
		t.Errorf("credentials %q, %q", shape.Ufrag, shape.Password)
	}
}

func TestParseProgram_LeavesOutExtensionsThatContradictAnEarlierSection(t *testing.T) {
	shape, err := ParseProgram(player, Watch)
	if err != nil {
		t.Fatal(err)
	}
	const mid, sendTime = "urn:ietf:params:rtp-hdrext:sdes:mid", "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
	for i, want := range []map[string]uint8{{mid: 1, sendTime: 2}, {mid: 1}} {
		if got := shape.Sections[i].Extensions; !maps.Equal(got, want) {
			t.Errorf("section %d: %v", i, got)
		}
	}
}

func TestParseProgram_RefusesOtherShapes(t *testing.T) {
	rows := []struct {
		claim   string
		text    string
		program Program
		want    Problem
	}{
		{"not SDP", "hello", PublishCamera, Malformed},
		{"too large", encoder + strings.Repeat("a=x\r\n", MaxBytes/5), PublishCamera, TooLarge},
		{"no sections", encoder[:strings.Index(encoder, "m=")], PublishCamera, WrongSections},
		{"a data channel", encoder + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n", PublishCamera, WrongSections},
		{"two pictures of an encoder", pionOffer(t, webrtc.RTPTransceiverDirectionSendrecv, picture, picture), PublishCamera, WrongSections},
		{"too many pictures of a player", pionOffer(t, webrtc.RTPTransceiverDirectionRecvonly, slices.Repeat([]webrtc.RTPCodecType{picture}, MaxVideoSlots+1)...), Watch, WrongSlots},
		{"an encoder that watches", strings.ReplaceAll(encoder, "a=sendonly", "a=recvonly"), PublishCamera, WrongDirection},
		{"a player that publishes", encoder, Watch, WrongDirection},
		{"a section at rest", strings.Replace(encoder, "a=sendonly", "a=inactive", 1), PublishCamera, WrongDirection},
		{"two directions", strings.Replace(encoder, "a=sendonly", "a=sendonly\r\na=sendrecv", 1), PublishCamera, WrongDirection},
		{"a mid twice", strings.Replace(encoder, "a=mid:1", "a=mid:0", 1), PublishCamera, WrongMids},
		{"a codec that nobody here plays", strings.Replace(encoder, "H264/90000", "H265/90000", 1), PublishCamera, NoCodec},
		{"a number for two codecs", strings.NewReplacer("SAVPF 96", "SAVPF 111", "rtpmap:96 ", "rtpmap:111 ", "fmtp:96 ", "fmtp:111 ").Replace(encoder), PublishCamera, AmbiguousNumbers},
		{"no bundle", strings.Replace(encoder, "a=group:BUNDLE 0 1\r\n", "", 1), PublishCamera, NotBundled},
		{"no credentials", strings.Replace(encoder, "a=ice-pwd", "a=ice-xyz", 1), PublishCamera, NoICE},
		{"a DTLS server", strings.Replace(encoder, "a=setup:actpass", "a=setup:passive", 1), PublishCamera, WrongSetup},
		{"RTP without encryption", strings.Replace(encoder, "UDP/TLS/RTP/SAVPF 96", "RTP/AVP 96", 1), PublishCamera, WrongProtocol},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			shape, err := ParseProgram(row.text, row.program)
			if !errors.Is(err, row.want) || shape != nil {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func FuzzParseProgram_AnswersEverythingWithAShapeOrAProblem(f *testing.F) {
	f.Add(encoder, uint8(PublishCamera))
	f.Add(strings.ReplaceAll(encoder, "a=sendonly\r\n", ""), uint8(Watch))
	f.Add(pionOffer(f, webrtc.RTPTransceiverDirectionSendrecv, sound, picture), uint8(PublishScreen))
	f.Add(player, uint8(Watch))
	f.Fuzz(func(t *testing.T, text string, program uint8) {
		shape, err := ParseProgram(text, Program(program%3))
		var problem Problem
		switch {
		case err != nil && (!errors.As(err, &problem) || shape != nil):
			t.Fatalf("refused by %v with shape %v", err, shape)
		case err == nil && (shape.HasData() || len(shape.Sections) == 0 || len(shape.Sections) > MaxAudioSlots+MaxVideoSlots):
			t.Fatalf("beyond the limits: %+v", shape)
		}
	})
}
