package peer

import (
	"fmt"
	"strings"
)

// Numbers of the offer, the same in all its sections.
const (
	opusType, redType, vp8Type, vp8Repair, vp9Type, vp9Repair = 111, 63, 96, 97, 98, 99
	levelID, numberID, midID, ridID, repairedID               = 1, 3, 4, 10, 11

	microphoneMid, cameraMid, screenMid = "0", "1", "2"
)

// offerText is an offer of the agreed shape: a camera in three layers, and slots. Its streams are known by their header
// extensions alone.
func offerText(ufrag, password, fingerprint string, audioSlots, videoSlots int) string {
	var b strings.Builder
	sections := 4 + audioSlots + videoSlots + 1
	b.WriteString("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE")
	for mid := range sections {
		fmt.Fprintf(&b, " %d", mid)
	}
	b.WriteString("\r\n")
	for mid := range sections {
		video := mid == 1 || mid == 2 || mid >= 4+audioSlots
		switch {
		case mid == sections-1:
			b.WriteString("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n")
		case video:
			fmt.Fprintf(&b, "m=video 9 UDP/TLS/RTP/SAVPF %d %d %d %d\r\n", vp8Type, vp8Repair, vp9Type, vp9Repair)
		default:
			fmt.Fprintf(&b, "m=audio 9 UDP/TLS/RTP/SAVPF %d %d\r\n", opusType, redType)
		}
		fmt.Fprintf(&b, "c=IN IP4 0.0.0.0\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\n"+
			"a=setup:actpass\r\na=mid:%d\r\n", ufrag, password, fingerprint, mid)
		if mid < sections-1 {
			media(&b, video, mid < 4)
		}
		if mid == 1 {
			b.WriteString("a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n")
		}
	}
	return b.String()
}

// media writes what audio and video sections have.
func media(b *strings.Builder, video, sends bool) {
	direction := "recvonly"
	if sends {
		direction = "sendonly"
	}
	fmt.Fprintf(b, "a=extmap:%d http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"+
		"a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:mid\r\na=%s\r\na=rtcp-mux\r\n", numberID, midID, direction)
	if !video {
		fmt.Fprintf(b, "a=extmap:%d urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=rtpmap:%d opus/48000/2\r\n"+
			"a=rtpmap:%d red/48000/2\r\na=fmtp:%[3]d %[2]d/%[2]d\r\n", levelID, opusType, redType)
		return
	}
	fmt.Fprintf(b, "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"+
		"a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n", ridID, repairedID)
	for _, codec := range []struct {
		name          string
		media, repair int
	}{{"VP8", vp8Type, vp8Repair}, {"VP9", vp9Type, vp9Repair}} {
		fmt.Fprintf(b, "a=rtpmap:%d %s/90000\r\na=rtcp-fb:%[1]d transport-cc\r\na=rtcp-fb:%[1]d nack\r\n"+
			"a=rtcp-fb:%[1]d nack pli\r\na=rtpmap:%[3]d rtx/90000\r\na=fmtp:%[3]d apt=%[1]d\r\n",
			codec.media, codec.name, codec.repair)
	}
}
