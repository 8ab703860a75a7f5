package light

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// agreed is what a client needs of an answer.
type agreed struct {
	ufrag, password, fingerprint string
	candidate                    netip.AddrPort // the first over UDP
	sections                     []section
}

// section is one m-line of an answer.
type section struct {
	kind       string
	mid        string
	extensions map[string]uint8  // header extensions by URI
	nack       map[string]bool   // payload types that may be asked for again
	ssrcs      []uint32          // in the order of the answer, repairs left out
	repairs    map[uint32]uint32 // SSRC of repairs -> SSRC that they repair
}

var errAnswer = errors.New("unusable answer")

// parseAnswer reads an answer to an offer of so many sections.
func parseAnswer(text string, sections int) (agreed, error) {
	var s sdp.SessionDescription
	if err := s.UnmarshalString(text); err != nil {
		return agreed{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	if len(s.MediaDescriptions) != sections {
		return agreed{}, fmt.Errorf("%w: %d sections of %d", errAnswer, len(s.MediaDescriptions), sections)
	}
	var out agreed
	for _, m := range s.MediaDescriptions {
		out.sections = append(out.sections, parseSection(m))
		if !out.candidate.IsValid() {
			out.candidate = firstUDP(m)
		}
	}
	first := s.MediaDescriptions[0]
	value := func(key string) string {
		if v, ok := first.Attribute(key); ok {
			return v
		}
		v, _ := s.Attribute(key)
		return v
	}
	out.ufrag, out.password = value("ice-ufrag"), value("ice-pwd")
	_, out.fingerprint, _ = strings.Cut(value("fingerprint"), " ")
	if out.ufrag == "" || out.password == "" || out.fingerprint == "" {
		return agreed{}, fmt.Errorf("%w: no transport", errAnswer)
	}
	return out, nil
}

func parseSection(m *sdp.MediaDescription) section {
	out := section{
		kind: m.MediaName.Media, extensions: map[string]uint8{}, nack: map[string]bool{}, repairs: map[uint32]uint32{},
	}
	for _, a := range m.Attributes {
		fields := strings.Fields(a.Value)
		switch {
		case a.Key == "mid":
			out.mid = a.Value
		case a.Key == "extmap" && len(fields) >= 2:
			number, _, _ := strings.Cut(fields[0], "/")
			if id, err := strconv.ParseUint(number, 10, 8); err == nil {
				out.extensions[fields[1]] = uint8(id)
			}
		case a.Key == "rtcp-fb" && len(fields) == 2 && fields[1] == "nack":
			out.nack[fields[0]] = true
		case a.Key == "ssrc-group" && len(fields) == 3 && fields[0] == "FID":
			media, repair := number(fields[1]), number(fields[2])
			out.repairs[repair] = media
		case a.Key == "ssrc" && len(fields) > 0:
			if ssrc := number(fields[0]); !slices.Contains(out.ssrcs, ssrc) {
				out.ssrcs = append(out.ssrcs, ssrc)
			}
		}
	}
	out.ssrcs = slices.DeleteFunc(out.ssrcs, func(ssrc uint32) bool { _, repair := out.repairs[ssrc]; return repair })
	return out
}

func number(s string) uint32 {
	n, _ := strconv.ParseUint(s, 10, 32) // 0 names no stream
	return uint32(n)
}

// firstUDP is the first IPv4 candidate over UDP.
func firstUDP(m *sdp.MediaDescription) netip.AddrPort {
	for _, a := range m.Attributes {
		fields := strings.Fields(a.Value)
		if a.Key != "candidate" || len(fields) < 6 || !strings.EqualFold(fields[2], "udp") {
			continue
		}
		if addr, err := netip.ParseAddrPort(fields[4] + ":" + fields[5]); err == nil && addr.Addr().Is4() {
			return addr
		}
	}
	return netip.AddrPort{}
}
