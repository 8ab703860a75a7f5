package offer

import (
	"maps"
	"slices"

	"github.com/pion/sdp/v3"
)

// Program is what a program that is no client of ours does: an encoder (WHIP, RFC 9725), a player (WHEP).
type Program uint8

// The programs. An encoder's picture and sound count as camera and microphone, or as screen and screen sound.
const (
	PublishCamera Program = iota
	PublishScreen
	Watch
)

// ParseProgram checks an offer as encoders and players write it: sections of audio and video in any order, one of each
// from an encoder, up to the limits of slots from a player, no data channels. Programs do not trim what they offer, so
// codecs that the relay does not forward are left out instead of refused, and so are simulcast layers. What is offered
// in both directions (sendrecv) is taken in the one that the program is for. The error is always a Problem.
func ParseProgram(text string, program Program) (*Shape, error) {
	session, err := read(text)
	if err != nil {
		return nil, err
	}
	shape := &Shape{}
	for _, media := range session.MediaDescriptions {
		section, err := program.section(media)
		if err != nil {
			return nil, err
		}
		shape.dropContradictions(section.Extensions)
		shape.add(section)
	}
	if err := program.check(shape); err != nil {
		return nil, err
	}
	if err := shape.finish(session); err != nil {
		return nil, err
	}
	return shape, nil
}

// dropContradictions leaves out the header extensions of a section under whose number an earlier one has another: there
// are programs that number each section for itself, though a bundle is numbered as one (RFC 9143 section 9.1). Who is
// not answered an extension does not send it.
func (s *Shape) dropContradictions(extensions map[string]uint8) {
	for _, earlier := range s.Sections {
		for uri, id := range earlier.Extensions {
			maps.DeleteFunc(extensions, func(other string, number uint8) bool { return number == id && other != uri })
		}
	}
}

// role is that of a section by its kind; WrongSections for what no program sends.
func (p Program) role(kind string) (Role, error) {
	roles := map[string][3]Role{
		"audio": {Microphone, ScreenAudio, AudioSlot},
		"video": {Camera, Screen, VideoSlot},
	}
	of, ok := roles[kind]
	if !ok {
		return 0, WrongSections
	}
	return of[p], nil
}

func (p Program) section(media *sdp.MediaDescription) (Section, error) {
	role, err := p.role(media.MediaName.Media)
	if err != nil {
		return Section{}, err
	}
	section, err := begin(role, media)
	if err != nil {
		return Section{}, err
	}
	if !p.goes(media) {
		return Section{}, WrongDirection
	}
	if section.Formats, section.Red, err = untrimmed.codecs(media); err != nil {
		return Section{}, err
	}
	if section.Extensions, err = extensions(media); err != nil {
		return Section{}, err
	}
	if p != Watch {
		section.Red = 0 // who is offered it might send it, and the relay takes Opus alone
		section.Streams, err = streams(media)
	}
	return section, err
}

// goes checks that a section may be used in the program's direction. One that says none goes both ways
// (RFC 8866 section 6.7).
func (p Program) goes(media *sdp.MediaDescription) bool {
	want := "sendonly"
	if p == Watch {
		want = "recvonly"
	}
	said := ""
	for _, a := range media.Attributes {
		switch a.Key {
		case "sendrecv", "sendonly", "recvonly", "inactive":
			if said != "" {
				return false
			}
			said = a.Key
		}
	}
	return said == "" || said == "sendrecv" || said == want
}

// check looks at the sections together: how many there are of each kind, and their mids.
func (p Program) check(shape *Shape) error {
	count, seen := map[Role]int{}, map[string]bool{}
	for _, section := range shape.Sections {
		if seen[section.Mid] {
			return WrongMids
		}
		seen[section.Mid] = true
		count[section.Role]++
	}
	switch {
	case len(shape.Sections) == 0:
		return WrongSections
	case p != Watch && slices.ContainsFunc(shape.Sections, func(s Section) bool { return count[s.Role] > 1 }):
		return WrongSections
	case len(shape.AudioSlots) > MaxAudioSlots || len(shape.VideoSlots) > MaxVideoSlots:
		return WrongSlots
	}
	return nil
}
