package offer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// strictness is how a section's payload types are read.
type strictness struct {
	// most bounds them.
	most int
	// all must be forwarded; else what is not is left out.
	all bool
}

// Clients trim what they offer; programs offer all that they know.
var (
	trimmed   = strictness{most: 32, all: true}
	untrimmed = strictness{most: 96}
)

// Format is a codec of a section under the payload type that the client gave it.
type Format struct {
	Key         munge.Key
	PayloadType uint8
	// Repair is the payload type of its retransmissions (RFC 4588); 0 for none.
	Repair uint8
	// Parameters are the client's, as its fmtp line says them.
	Parameters string
	Feedback   Feedback
}

// Feedback is a set of RTCP messages that a client understands for a codec (RFC 4585, RFC 5104).
type Feedback uint8

// The kinds of feedback.
const (
	TransportCC Feedback = 1 << iota
	NACK
	PLI
	FIR
	REMB
)

// feedbacks are the values of rtcp-fb attributes.
var feedbacks = map[string]Feedback{
	"transport-cc": TransportCC, "nack": NACK, "nack pli": PLI, "ccm fir": FIR, "goog-remb": REMB,
}

// formats are what a section's payload types mean.
type formats struct {
	kind string
	// maps and params are the rtpmap (in lower case) and fmtp lines by payload type.
	maps, params map[string]string
	feedback     map[string]Feedback
}

// codecs reads the payload types of a section: the codecs in the client's order, and the payload type of RED, 0 for
// none. What the relay cannot do without must be among them.
func (s strictness) codecs(media *sdp.MediaDescription) (list []Format, red uint8, err error) {
	if len(media.MediaName.Formats) > s.most {
		return nil, 0, UnknownCodec
	}
	f, foreign := readFormats(media), false
	for _, name := range media.MediaName.Formats {
		number, ok := payloadType(name)
		format := f.format(name, number)
		switch {
		case !ok:
			foreign = true
		case f.maps[name] == "rtx/90000": // belongs to another one
		case f.maps[name] == "red/48000/2" && f.kind == "audio":
			red = number
		case !known(f.kind+"/"+f.maps[name], format.Key):
			foreign = true
		case !slices.ContainsFunc(list, func(o Format) bool { return o.Key == format.Key }):
			list = append(list, format)
		}
	}
	if red != 0 && len(list) > 0 && !f.repeats(red, list[0].PayloadType) {
		red, foreign = 0, true
	}
	switch {
	case foreign && s.all:
		return nil, 0, UnknownCodec
	case len(list) == 0:
		return nil, 0, NoCodec
	}
	f.repair(media, list)
	return list, red, nil
}

func readFormats(media *sdp.MediaDescription) formats {
	f := formats{media.MediaName.Media, map[string]string{}, map[string]string{}, map[string]Feedback{}}
	for _, a := range media.Attributes {
		format, value, _ := strings.Cut(a.Value, " ")
		value = strings.TrimSpace(value)
		switch a.Key {
		case "rtpmap":
			f.maps[format] = strings.ToLower(value)
		case "fmtp":
			f.params[format] = value
		case "rtcp-fb":
			f.feedback[format] |= feedbacks[value]
		}
	}
	return f
}

// payloadType reads a dynamic payload type. Numbers from 64 to 95 would be taken for RTCP (RFC 5761 section 4).
func payloadType(s string) (uint8, bool) {
	n, err := strconv.ParseUint(s, 10, 7)
	return uint8(n), err == nil && n >= 1 && (n < 64 || n > 95)
}

func (f *formats) format(name string, number uint8) Format {
	codec, _, _ := strings.Cut(f.maps[name], "/")
	return Format{
		Key: munge.KeyOf(f.kind+"/"+codec, f.params[name]), PayloadType: number,
		Parameters: f.params[name], Feedback: f.feedback[name] | f.feedback["*"],
	}
}

// repeats reports whether RED repeats nothing but this codec (RFC 2198 section 5), which is so where it does not say.
func (f *formats) repeats(red, codec uint8) bool {
	params := f.params[strconv.Itoa(int(red))]
	for block := range strings.SplitSeq(params, "/") {
		if params != "" && block != strconv.Itoa(int(codec)) {
			return false
		}
	}
	return true
}

// repair finds the retransmission formats: "apt" names the payload type that they repair (RFC 4588 section 8.1).
func (f *formats) repair(media *sdp.MediaDescription, list []Format) {
	for _, name := range media.MediaName.Formats {
		if f.maps[name] != "rtx/90000" {
			continue
		}
		number, ok := payloadType(name)
		if !ok {
			continue
		}
		for i := range list {
			if list[i].Repair == 0 && parameter(f.params[name], "apt") == strconv.Itoa(int(list[i].PayloadType)) {
				list[i].Repair = number
			}
		}
	}
}

// parameter is a value out of an fmtp line.
func parameter(params, name string) string {
	for part := range strings.SplitSeq(params, ";") {
		if field, value, _ := strings.Cut(strings.TrimSpace(part), "="); strings.EqualFold(field, name) {
			return value
		}
	}
	return ""
}

// known tells the codecs that the relay forwards: Opus, VP8, H264 of the baseline profiles in packets of
// non-interleaved mode, VP9 and AV1 of 8 bits 4:2:0.
func known(encoding string, key munge.Key) bool {
	switch encoding {
	case "audio/opus/48000/2", "video/vp8/90000":
		return true
	case "video/h264/90000":
		return strings.HasPrefix(string(key), "video/h264;mode=1;profile=42")
	case "video/vp9/90000", "video/av1/90000":
		return key == "video/vp9" || key == "video/av1"
	}
	return false
}

// layers reads the rids of the camera (RFC 8851, RFC 8853). Other sections must have none.
func layers(role Role, media *sdp.MediaDescription) ([]string, error) {
	var rids []string
	for _, a := range media.Attributes {
		if a.Key != "rid" {
			continue
		}
		rid, direction, _ := strings.Cut(a.Value, " ")
		if !slices.Contains([]string{"q", "h", "f"}, rid) || slices.Contains(rids, rid) || direction != "send" {
			return nil, WrongLayers
		}
		rids = append(rids, rid)
	}
	simulcast, present := media.Attribute("simulcast")
	if present != (rids != nil) || present && (role != Camera || simulcast != "send "+strings.Join(rids, ";")) {
		return nil, WrongLayers
	}
	return rids, nil
}
