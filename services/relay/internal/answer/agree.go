package answer

import (
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
)

const (
	videoClock = 90000
	opusClock  = 48000
)

// Write answers an offer: the SDP text, and what was agreed by it.
func Write(p Params) (string, Answer) {
	a := agree(p.Shape)
	return text(p, &a), a
}

// agree decides everything that an answer says.
func agree(shape *offer.Shape) Answer {
	var a Answer
	numbers := draw(shape)
	for _, section := range shape.Sections {
		e := extensions(section)
		a.Extensions = a.Extensions.or(e)
		switch section.Role {
		case offer.AudioSlot:
			a.Audio = append(a.Audio, slot(section, "audio", len(a.Audio), e, numbers))
		case offer.VideoSlot:
			a.Video = append(a.Video, slot(section, "video", len(a.Video), e, numbers))
		case offer.Data:
		default:
			a.Sources = append(a.Sources, source(section, e))
		}
	}
	return a
}

func source(section offer.Section, e Extensions) Source {
	s := Source{
		Role: section.Role, Mid: section.Mid, RIDs: section.RIDs, Streams: section.Streams,
		Codecs: map[uint8]Codec{}, Extensions: e,
	}
	clock := uint32(videoClock)
	if !isVideo(section.Role) {
		clock = opusClock
	}
	for _, f := range section.Formats {
		taken := feedback(f, e)
		s.Codecs[f.PayloadType] = Codec{Key: f.Key, ClockRate: clock, Repeats: taken&offer.NACK != 0}
		if f.Repair != 0 {
			s.Codecs[f.Repair] = Codec{Key: f.Key, ClockRate: clock, RepairOf: f.PayloadType}
		}
		s.TransportCC = s.TransportCC || taken&offer.TransportCC != 0
	}
	if section.Red != 0 {
		opus := section.Formats[0].PayloadType
		frames := s.Codecs[opus]
		frames.Red = section.Red
		s.Codecs[opus], s.Codecs[section.Red] = frames, Codec{Key: munge.RED, ClockRate: clock, RedOf: opus}
	}
	return s
}

func slot(section offer.Section, kind string, index int, e Extensions, numbers func() uint32) Slot {
	s := Slot{
		ID: kind + strconv.Itoa(index), Mid: section.Mid, Stream: offer.Stream{SSRC: numbers()},
		Payloads: map[munge.Key]Payload{}, Red: section.Red, Extensions: e,
	}
	for _, f := range section.Formats {
		s.Payloads[f.Key] = Payload{f.PayloadType, f.Repair}
		s.NACK = s.NACK || f.Feedback&offer.NACK != 0
		if f.Repair != 0 && s.Repair == 0 {
			s.Repair = numbers()
		}
	}
	return s
}

// draw gives SSRCs that nobody in this connection has yet. They need not be secret, only different.
func draw(shape *offer.Shape) func() uint32 {
	taken := []uint32{0}
	for _, section := range shape.Sections {
		for _, s := range section.Streams {
			taken = append(taken, s.SSRC, s.Repair)
		}
	}
	return func() uint32 {
		for {
			if n := rand.Uint32(); !slices.Contains(taken, n) {
				taken = append(taken, n)
				return n
			}
		}
	}
}

// extensions are what the relay needs of the header extensions offered for a section.
func extensions(section offer.Section) Extensions {
	if section.Role == offer.Data {
		return Extensions{}
	}
	e := Extensions{Mid: section.Extensions[midURI], TransportCC: section.Extensions[transportCCURI]}
	if !isVideo(section.Role) {
		e.AudioLevel = section.Extensions[audioLevelURI]
	}
	if repeatsSound(section) {
		e.TransportCC = 0
	}
	if len(section.RIDs) > 0 {
		e.RID, e.RepairedRID = section.Extensions[ridURI], section.Extensions[repairedRIDURI]
	}
	return e
}

// repeatsSound reports whether the client sends lost sound again. It has no stream for repairs, so browsers repeat a packet
// under its own SRTP number; were the transport-wide number agreed, they would write a new one into it, and two packets
// under one nonce give away the key that authenticates all others (RFC 7714 section 8.1, RFC 3711 section 9.1). Without
// it the second packet is the first one octet by octet.
func repeatsSound(section offer.Section) bool {
	return (section.Role == offer.Microphone || section.Role == offer.ScreenAudio) &&
		slices.ContainsFunc(section.Formats, func(f offer.Format) bool { return f.Feedback&offer.NACK != 0 })
}

// or adds what other has.
func (e Extensions) or(other Extensions) Extensions {
	return Extensions{
		Mid: max(e.Mid, other.Mid), RID: max(e.RID, other.RID), RepairedRID: max(e.RepairedRID, other.RepairedRID),
		TransportCC: max(e.TransportCC, other.TransportCC), AudioLevel: max(e.AudioLevel, other.AudioLevel),
	}
}

// feedback is what of a format's offered feedback the answer takes. Two estimates of one way would quarrel: REMB is
// taken only where arrival times are not agreed.
func feedback(f offer.Format, e Extensions) offer.Feedback {
	taken := f.Feedback
	if e.TransportCC == 0 {
		taken &^= offer.TransportCC
	}
	if taken&offer.TransportCC != 0 {
		taken &^= offer.REMB
	}
	return taken
}

func isVideo(role offer.Role) bool {
	return role == offer.Camera || role == offer.Screen || role == offer.VideoSlot
}
