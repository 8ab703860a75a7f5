package offer

import (
	"strings"

	"github.com/pion/sdp/v3"
)

// Parse checks an offer of a client of ours. The error is always a Problem.
func Parse(text string) (*Shape, error) {
	session, err := read(text)
	if err != nil {
		return nil, err
	}
	shape := &Shape{}
	for place, media := range session.MediaDescriptions {
		section, err := parseSection(place, media)
		if err != nil {
			return nil, err
		}
		shape.add(section)
	}
	if err := shape.check(); err != nil {
		return nil, err
	}
	if err := shape.finish(session); err != nil {
		return nil, err
	}
	return shape, nil
}

// read makes SDP of a text that is not too large for it.
func read(text string) (*sdp.SessionDescription, error) {
	if len(text) > MaxBytes {
		return nil, TooLarge
	}
	if strings.Count(text, "\nm=")+strings.Count(text, "\rm=") > MaxSections {
		return nil, TooManySections
	}
	session := &sdp.SessionDescription{}
	if err := session.UnmarshalString(text); err != nil {
		return nil, Malformed
	}
	return session, nil
}

// finish checks what concerns all sections together, whatever they are for.
func (s *Shape) finish(session *sdp.SessionDescription) error {
	if err := checkNumbers(s); err != nil {
		return err
	}
	return s.readTransport(session)
}

// senders are the kinds of the sections that send to the relay, by place.
var senders = [...]struct {
	role Role
	kind string
}{{Microphone, "audio"}, {Camera, "video"}, {Screen, "video"}, {ScreenAudio, "audio"}}

// roleAt is the role of an m-line of this kind at this place.
func roleAt(place int, kind string) (Role, error) {
	switch {
	case place < len(senders):
		if senders[place].kind != kind {
			return 0, WrongSections
		}
		return senders[place].role, nil
	case kind == "audio":
		return AudioSlot, nil
	case kind == "video":
		return VideoSlot, nil
	case kind == "application":
		return Data, nil
	}
	return 0, WrongSections
}

func parseSection(place int, media *sdp.MediaDescription) (Section, error) {
	role, err := roleAt(place, media.MediaName.Media)
	if err != nil {
		return Section{}, err
	}
	section, err := begin(role, media)
	if err != nil || role == Data {
		return section, err
	}
	if !hasDirection(role, media) {
		return Section{}, WrongDirection
	}
	if section.RIDs, err = layers(role, media); err != nil {
		return Section{}, err
	}
	if section.Formats, section.Red, err = trimmed.codecs(media); err != nil {
		return Section{}, err
	}
	if section.Extensions, err = extensions(media); err != nil {
		return Section{}, err
	}
	if role < AudioSlot {
		section.Streams, err = streams(media)
	}
	return section, err
}

// begin reads what a section of any shape has.
func begin(role Role, media *sdp.MediaDescription) (Section, error) {
	section := Section{Role: role}
	if section.Mid, _ = media.Attribute("mid"); !validMid(section.Mid) {
		return Section{}, WrongMids
	}
	if _, bundleOnly := media.Attribute("bundle-only"); media.MediaName.Port.Value == 0 && !bundleOnly {
		return Section{}, WrongSections
	}
	return section, checkProtocol(role, media)
}

// validMid accepts tokens as browsers write them; they come back in Hello and in RTP header extensions.
func validMid(mid string) bool {
	return mid != "" && len(mid) <= 16 && !strings.ContainsFunc(mid, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]`, r)
	})
}

func checkProtocol(role Role, media *sdp.MediaDescription) error {
	want := "UDP/TLS/RTP/SAVPF"
	if role == Data {
		want = "UDP/DTLS/SCTP"
	}
	_, mux := media.Attribute("rtcp-mux")
	if strings.Join(media.MediaName.Protos, "/") != want || role != Data && !mux {
		return WrongProtocol
	}
	return nil
}

// hasDirection checks that a section says once which way it goes, and that the right one.
func hasDirection(role Role, media *sdp.MediaDescription) bool {
	want, found := "sendonly", 0
	if role == AudioSlot || role == VideoSlot {
		want = "recvonly"
	}
	for _, a := range media.Attributes {
		switch a.Key {
		case want:
			found++
		case "sendrecv", "sendonly", "recvonly", "inactive":
			return false
		}
	}
	return found == 1
}

func (s *Shape) add(section Section) {
	switch section.Role {
	case AudioSlot:
		s.AudioSlots = append(s.AudioSlots, section.Mid)
	case VideoSlot:
		s.VideoSlots = append(s.VideoSlots, section.Mid)
	}
	s.Sections = append(s.Sections, section)
}

// check looks at the sections together: roles in order, one data section at the end, slots, mids.
func (s *Shape) check() error {
	seen := map[string]bool{}
	for i, section := range s.Sections {
		if i > 0 && section.Role < s.Sections[i-1].Role {
			return WrongSections
		}
		if seen[section.Mid] {
			return WrongMids
		}
		seen[section.Mid] = true
	}
	a, v := len(s.AudioSlots), len(s.VideoSlots)
	if len(s.Sections) != len(senders)+a+v+1 || s.Sections[len(s.Sections)-1].Role != Data {
		return WrongSections
	}
	if a < 1 || a > MaxAudioSlots || v < 1 || v > MaxVideoSlots {
		return WrongSlots
	}
	return nil
}
