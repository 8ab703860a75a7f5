package answer

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tongke-edu/tongke/services/relay/internal/offer"
)

const (
	// Priorities of host candidates (RFC 8445 section 5.1.2.1): UDP before TCP (RFC 6544 section 4.2).
	udpPriority = 2130706431
	tcpPriority = 1671430143
	// tcpFoundation keeps the foundations of TCP apart from those of UDP.
	tcpFoundation = 1000
	// sectionRoom is about what a section takes.
	sectionRoom = 1500
)

// writer writes SDP lines (RFC 8866).
type writer struct{ strings.Builder }

// line writes the parts as one line.
func (w *writer) line(parts ...string) {
	for _, part := range parts {
		w.WriteString(part)
	}
	w.WriteString("\r\n")
}

// text is the answer as SDP.
func text(p Params, a *Answer) string {
	w := &writer{}
	w.Grow((1 + len(p.Shape.Sections)) * sectionRoom)
	w.head(p)
	audio, video, sources := a.Audio, a.Video, a.Sources
	for i, section := range p.Shape.Sections {
		switch section.Role {
		case offer.AudioSlot:
			w.media(section, audio[0].Extensions)
			w.slot(&audio[0], strconv.Itoa(len(a.Audio)-len(audio)))
			audio = audio[1:]
		case offer.VideoSlot:
			w.media(section, video[0].Extensions)
			w.slot(&video[0], strconv.Itoa(len(a.Video)-len(video)))
			video = video[1:]
		case offer.Data:
			w.data(p.MaxMessage)
		default:
			w.media(section, sources[0].Extensions)
			w.source(&sources[0])
			sources = sources[1:]
		}
		w.transport(p, section.Mid)
		if i == 0 { // the bundle's transport is the first section's
			w.candidates(p.Addresses, p.TCPOnly)
		}
	}
	return w.String()
}

func (w *writer) head(p Params) {
	w.line("v=0")
	w.line("o=- ", strconv.FormatUint(rand.Uint64()>>1, 10), " 1 IN IP4 0.0.0.0") // RFC 9429 section 5.2.1
	w.line("s=-")
	w.line("t=0 0")
	w.line("a=fingerprint:sha-256 ", colons(p.Fingerprint[:]))
	w.line("a=ice-lite")
	w.line("a=msid-semantic:WMS *")
	w.WriteString("a=group:BUNDLE")
	for _, section := range p.Shape.Sections {
		w.WriteString(" " + section.Mid)
	}
	w.line()
}

// colons is a digest as pairs of hexadecimal digits (RFC 8122 section 5).
func colons(digest []byte) string {
	digits := strings.ToUpper(hex.EncodeToString(digest))
	var out strings.Builder
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			out.WriteByte(':')
		}
		out.WriteString(digits[i : i+2])
	}
	return out.String()
}

// transport writes what all sections say about the way of their packets.
func (w *writer) transport(p Params, mid string) {
	w.line("a=mid:", mid)
	w.line("a=ice-ufrag:", p.Ufrag)
	w.line("a=ice-pwd:", p.Password)
	w.line("a=setup:passive")
}

func (w *writer) candidates(addresses []netip.AddrPort, tcpOnly bool) {
	for i, address := range addresses {
		n, ip, port := i+1, address.Addr().Unmap(), address.Port()
		if !tcpOnly {
			fmt.Fprintf(w, "a=candidate:%d 1 udp %d %s %d typ host\r\n", n, udpPriority-n, ip, port)
		}
		fmt.Fprintf(w, "a=candidate:%d 1 tcp %d %s %d typ host tcptype passive\r\n", n+tcpFoundation, tcpPriority-n, ip, port)
	}
	w.line("a=end-of-candidates")
}

func (w *writer) data(maxMessage int) {
	w.line("m=application 9 UDP/DTLS/SCTP webrtc-datachannel")
	w.line("c=IN IP4 0.0.0.0")
	w.line("a=sctp-port:5000")
	w.line("a=max-message-size:", strconv.Itoa(maxMessage))
}

// source writes the direction of a section that the client sends in, and its layers (RFC 8853).
func (w *writer) source(s *Source) {
	w.line("a=recvonly")
	for _, rid := range s.RIDs {
		w.line("a=rid:", rid, " recv")
	}
	if len(s.RIDs) > 0 {
		w.line("a=simulcast:recv ", strings.Join(s.RIDs, ";"))
	}
}

// slot writes the direction of a section that the relay sends in, and its streams. Audio slot n and video slot n are
// in one media stream, so that browsers play them in lip-sync.
func (w *writer) slot(s *Slot, index string) {
	w.line("a=sendonly")
	w.line("a=msid:slot", index, " ", s.ID)
	ssrc := strconv.FormatUint(uint64(s.SSRC), 10)
	if s.Repair == 0 {
		w.line("a=ssrc:", ssrc, " cname:slot", index)
		return
	}
	repair := strconv.FormatUint(uint64(s.Repair), 10)
	w.line("a=ssrc-group:FID ", ssrc, " ", repair)
	w.line("a=ssrc:", ssrc, " cname:slot", index)
	w.line("a=ssrc:", repair, " cname:slot", index)
}
