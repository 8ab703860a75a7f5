package offer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

const (
	// maxExtensions bounds the header extensions of one section.
	maxExtensions = 32
	// maxExtensionID is the largest id in a one-byte header (RFC 8285 section 4.2); others are not agreed.
	maxExtensionID = 14
	// maxURI bounds the name of a header extension.
	maxURI = 128
	// maxStreams bounds the SSRCs of one section.
	maxStreams = 8
)

// extensions reads the header extensions of a section, "extmap:1 uri" or "extmap:1/direction uri" (RFC 8285 section 5).
func extensions(media *sdp.MediaDescription) (map[string]uint8, error) {
	out := make(map[string]uint8, maxExtensionID)
	for _, a := range media.Attributes {
		if a.Key != "extmap" {
			continue
		}
		name, uri, _ := strings.Cut(a.Value, " ")
		name, _, _ = strings.Cut(name, "/")
		uri, _, _ = strings.Cut(uri, " ") // attributes of the extension follow
		id, err := strconv.ParseUint(name, 10, 8)
		if err != nil || id == 0 || uri == "" || len(uri) > maxURI || len(out) == maxExtensions {
			return nil, WrongExtensions
		}
		if _, again := out[uri]; again {
			return nil, AmbiguousNumbers
		}
		if id <= maxExtensionID {
			out[uri] = uint8(id)
		}
	}
	return out, nil
}

// streams reads the SSRCs of a section and which of them repairs which (RFC 5576, RFC 4588 section 8.8).
func streams(media *sdp.MediaDescription) ([]Stream, error) {
	var list []Stream
	repaired := map[uint32]uint32{} // repair to media
	for _, a := range media.Attributes {
		fields := strings.Fields(a.Value)
		switch {
		case a.Key == "ssrc-group" && len(fields) == 3 && fields[0] == "FID":
			media, repair := ssrc(fields[1]), ssrc(fields[2])
			if media == 0 || repair == 0 || media == repair || repaired[repair] != 0 {
				return nil, WrongStreams
			}
			repaired[repair] = media
		case a.Key == "ssrc" && len(fields) > 0:
			n := ssrc(fields[0])
			if n == 0 {
				return nil, WrongStreams
			}
			// A stream has a line for each of its attributes.
			if !slices.ContainsFunc(list, func(s Stream) bool { return s.SSRC == n }) {
				list = append(list, Stream{SSRC: n})
			}
		}
		if len(list) > maxStreams || len(repaired) > maxStreams {
			return nil, WrongStreams
		}
	}
	return pair(list, repaired), nil
}

// pair puts each stream of retransmissions to the stream that it repairs.
func pair(list []Stream, repaired map[uint32]uint32) []Stream {
	var out []Stream
	for _, s := range list {
		if repaired[s.SSRC] != 0 {
			continue
		}
		for repair, media := range repaired {
			if media == s.SSRC {
				s.Repair = repair
			}
		}
		out = append(out, s)
	}
	return out
}

// ssrc reads an SSRC; 0 where there is none.
func ssrc(s string) uint32 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// meaning is what a payload type stands for.
type meaning struct {
	key    munge.Key
	repair uint8 // of this payload type
}

// numbers are what the numbers of a bundle mean (RFC 9143 section 9.1).
type numbers struct {
	payloads   [128]meaning
	extensions [maxExtensionID + 1]string
	streams    map[uint32]bool
}

// checkNumbers checks that each number means one thing in all sections.
func checkNumbers(shape *Shape) error {
	n := numbers{streams: map[uint32]bool{}}
	for _, section := range shape.Sections {
		if !n.addPayloads(section) || !n.addExtensions(section) || !n.addStreams(section) {
			return AmbiguousNumbers
		}
	}
	return nil
}

func (n *numbers) addPayloads(section Section) bool {
	for _, f := range section.Formats {
		if !n.means(f.PayloadType, meaning{key: f.Key}) || f.Repair != 0 && !n.means(f.Repair, meaning{f.Key, f.PayloadType}) {
			return false
		}
	}
	return section.Red == 0 || n.means(section.Red, meaning{key: munge.RED})
}

func (n *numbers) means(payload uint8, m meaning) bool {
	before := n.payloads[payload]
	n.payloads[payload] = m
	return before == meaning{} || before == m
}

func (n *numbers) addExtensions(section Section) bool {
	for uri, id := range section.Extensions {
		if before := n.extensions[id]; before != "" && before != uri {
			return false
		}
		n.extensions[id] = uri
	}
	return true
}

func (n *numbers) addStreams(section Section) bool {
	for _, s := range section.Streams {
		for _, number := range []uint32{s.SSRC, s.Repair} {
			if n.streams[number] {
				return false
			}
			n.streams[number] = number != 0
		}
	}
	return true
}
