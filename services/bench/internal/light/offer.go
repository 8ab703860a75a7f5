package light

import (
	"fmt"
	"strings"
)

// Numbers of the offer. Extensions have the same number in all sections, as in a bundle they must.
const (
	opusType = 111
	redType  = 63
	vp8Type  = 96
	rtxType  = 97

	audioLevelURI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
	sequenceURI   = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
	midURI        = "urn:ietf:params:rtp-hdrext:sdes:mid"
	ridURI        = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
	repairedURI   = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
)

// offered is what an offer says about this client.
type offered struct {
	ufrag, password, fingerprint string
	audioSlots, videoSlots       int
	microphone, camera           uint32   // SSRCs; 0 sends nothing there
	rids                         []string // of the camera; then it has no SSRC in the offer
}

// sections counts the m-lines.
func (o offered) sections() int { return 4 + o.audioSlots + o.videoSlots + 1 }

// text writes the agreed shape: microphone, camera, screen, its sound, the slots, the data channels.
func (o offered) text() string {
	var b strings.Builder
	b.Grow(16 << 10)
	b.WriteString("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE")
	for mid := range o.sections() {
		fmt.Fprintf(&b, " %d", mid)
	}
	b.WriteString("\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n")
	mid := 0
	section := func(write func(mid int)) { write(mid); mid++ }
	section(func(mid int) { o.audio(&b, mid, "sendonly"); source(&b, "microphone", o.microphone) })
	section(func(mid int) {
		o.video(&b, mid, "sendonly")
		source(&b, "camera", o.camera)
		layers(&b, o.rids)
	})
	section(func(mid int) { o.video(&b, mid, "sendonly"); source(&b, "screen", 0) })
	section(func(mid int) { o.audio(&b, mid, "sendonly"); source(&b, "sound", 0) })
	for range o.audioSlots {
		section(func(mid int) { o.audio(&b, mid, "recvonly") })
	}
	for range o.videoSlots {
		section(func(mid int) { o.video(&b, mid, "recvonly") })
	}
	section(func(mid int) { o.data(&b, mid) })
	return b.String()
}

func (o offered) transport(b *strings.Builder, mid int) {
	fmt.Fprintf(b, "c=IN IP4 0.0.0.0\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=ice-options:trickle\r\n", o.ufrag, o.password)
	fmt.Fprintf(b, "a=fingerprint:sha-256 %s\r\na=setup:actpass\r\na=mid:%d\r\n", o.fingerprint, mid)
}

func (o offered) audio(b *strings.Builder, mid int, direction string) {
	fmt.Fprintf(b, "m=audio 9 UDP/TLS/RTP/SAVPF %d %d\r\n", opusType, redType)
	o.transport(b, mid)
	fmt.Fprintf(b, "a=extmap:1 %s\r\na=extmap:3 %s\r\na=extmap:4 %s\r\na=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\n",
		audioLevelURI, sequenceURI, midURI, direction)
	fmt.Fprintf(b, "a=rtpmap:%d opus/48000/2\r\na=rtcp-fb:%[1]d transport-cc\r\na=rtcp-fb:%[1]d nack\r\n"+
		"a=fmtp:%[1]d minptime=10;useinbandfec=1\r\na=rtpmap:%[2]d red/48000/2\r\na=fmtp:%[2]d %[1]d/%[1]d\r\n", opusType, redType)
}

func (o offered) video(b *strings.Builder, mid int, direction string) {
	fmt.Fprintf(b, "m=video 9 UDP/TLS/RTP/SAVPF %d %d\r\n", vp8Type, rtxType)
	o.transport(b, mid)
	fmt.Fprintf(b, "a=extmap:3 %s\r\na=extmap:4 %s\r\na=extmap:10 %s\r\na=extmap:11 %s\r\na=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\n",
		sequenceURI, midURI, ridURI, repairedURI, direction)
	fmt.Fprintf(b, "a=rtpmap:%d VP8/90000\r\na=rtcp-fb:%[1]d transport-cc\r\na=rtcp-fb:%[1]d ccm fir\r\n"+
		"a=rtcp-fb:%[1]d nack\r\na=rtcp-fb:%[1]d nack pli\r\na=rtpmap:%[2]d rtx/90000\r\na=fmtp:%[2]d apt=%[1]d\r\n", vp8Type, rtxType)
}

func (o offered) data(b *strings.Builder, mid int) {
	b.WriteString("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n")
	o.transport(b, mid)
	b.WriteString("a=sctp-port:5000\r\na=max-message-size:262144\r\n")
}

// source names what a sending section carries.
func source(b *strings.Builder, track string, ssrc uint32) {
	fmt.Fprintf(b, "a=msid:bench %s\r\n", track)
	if ssrc != 0 {
		fmt.Fprintf(b, "a=ssrc:%d cname:bench\r\na=ssrc:%[1]d msid:bench %s\r\n", ssrc, track)
	}
}

// layers names simulcast layers (RFC 8853).
func layers(b *strings.Builder, rids []string) {
	if len(rids) == 0 {
		return
	}
	for _, rid := range rids {
		fmt.Fprintf(b, "a=rid:%s send\r\n", rid)
	}
	fmt.Fprintf(b, "a=simulcast:send %s\r\n", strings.Join(rids, ";"))
}

// Offer is a valid offer of somebody who sends nothing, for calls that nobody follows up.
func Offer(audioSlots, videoSlots int) string {
	return offered{
		ufrag: iceChars(8), password: iceChars(24), fingerprint: "00" + strings.Repeat(":00", 31),
		audioSlots: audioSlots, videoSlots: videoSlots,
	}.text()
}
