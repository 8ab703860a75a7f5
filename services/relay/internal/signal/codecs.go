package signal

import (
	"strconv"
	"strings"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// h264 is the constrained baseline that every browser can send and show.
const h264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"

// receiving prepares the codecs of the agreed offer, as few as possible because half of an answer's cost is looking
// them up, and the feedback on arrival times that browsers need for their own estimate. Everything else about packets
// is package forward's work.
func receiving() (*webrtc.MediaEngine, *interceptor.Registry, error) {
	m := &webrtc.MediaEngine{}
	opus := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
		},
		PayloadType: 111,
	}
	if err := m.RegisterCodec(opus, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, nil, err
	}
	for _, c := range []struct {
		mime, fmtp string
		payload    webrtc.PayloadType
	}{
		{webrtc.MimeTypeVP8, "", 96},
		{webrtc.MimeTypeRTX, "apt=96", 97},
		{webrtc.MimeTypeH264, h264, 108},
		{webrtc.MimeTypeRTX, "apt=108", 109},
	} {
		video := webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: c.mime, ClockRate: 90000, SDPFmtpLine: c.fmtp},
			PayloadType:        c.payload,
		}
		if c.mime != webrtc.MimeTypeRTX {
			video.RTCPFeedback = []webrtc.RTCPFeedback{
				{Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"},
			}
		}
		if err := m.RegisterCodec(video, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, nil, err
		}
	}
	if err := webrtc.ConfigureSimulcastExtensionHeaders(m); err != nil {
		return nil, nil, err
	}
	r := &interceptor.Registry{}
	if err := webrtc.ConfigureTWCCSender(m, r); err != nil {
		return nil, nil, err
	}
	return m, r, nil
}

// payloads maps the codecs of a bound section to their payload types, and returns the codec that Pion shall name it by.
func payloads(codecs []webrtc.RTPCodecParameters) (map[munge.Key]forward.Payload, webrtc.RTPCodecParameters, bool) {
	out := map[munge.Key]forward.Payload{}
	repairs := map[string]uint8{}
	var named *webrtc.RTPCodecParameters
	for i, c := range codecs {
		if strings.EqualFold(c.MimeType, webrtc.MimeTypeRTX) {
			repairs[c.SDPFmtpLine] = uint8(c.PayloadType)
		} else if named == nil {
			named = &codecs[i]
		}
	}
	for _, c := range codecs {
		if strings.EqualFold(c.MimeType, webrtc.MimeTypeRTX) {
			continue
		}
		out[munge.KeyOf(c.MimeType, c.SDPFmtpLine)] = forward.Payload{
			Type: uint8(c.PayloadType), Repair: repairs["apt="+strconv.Itoa(int(c.PayloadType))],
		}
	}
	if named == nil {
		return nil, webrtc.RTPCodecParameters{}, false
	}
	return out, *named, true
}
