package munge

import (
	"strconv"
	"strings"
)

// Key names a codec independently of the payload type, which differs per connection: the MIME type in lower
// case and, for H264, the parameters that decide whether a decoder takes it. A subscription maps Key to the
// payload type that its own connection negotiated.
type Key string

// RED is redundant sound (RFC 2198): a codec of its own in SDP, Opus in what it carries.
const RED Key = "audio/red"

// KeyOf builds the key from a negotiated codec's MIME type ("video/H264") and format parameters (the fmtp line).
// What an absent parameter means is filled in, so that equal streams have equal keys. For H264 the level is left out
// of profile-level-id (RFC 6184 section 8.1); for VP9 and AV1 profile 0 is the plain name (RFC 9628 section 7.1).
func KeyOf(mimeType, fmtp string) Key {
	name := strings.ToLower(mimeType)
	switch name {
	case "video/h264":
		mode, profile := parameter(fmtp, "packetization-mode", "0"), parameter(fmtp, "profile-level-id", "42001f")
		return Key(name + ";mode=" + mode + ";profile=" + h264Profile(profile))
	case "video/vp9":
		return profiled(name, parameter(fmtp, "profile-id", "0"))
	case "video/av1":
		return profiled(name, parameter(fmtp, "profile", "0"))
	}
	return Key(name)
}

// h264Profile is a profile-level-id without the level. Constrained baseline is written in several ways (RFC 6184
// section 8.1, table 5): browsers write 42e0, encoders 42c0 as well.
func h264Profile(id string) string {
	n, err := strconv.ParseUint(id, 16, 24)
	if len(id) != 6 || err != nil {
		return id
	}
	idc, constraints := n>>16, n>>8&0xff
	if constraints&0x0f == 0 &&
		(idc == 0x42 && constraints&0x40 != 0 || idc == 0x4d && constraints&0x80 != 0 || idc == 0x58 && constraints&0xc0 == 0xc0) {
		return "42e0"
	}
	return id[:4]
}

func profiled(name, profile string) Key {
	if profile == "0" {
		return Key(name)
	}
	return Key(name + ";profile=" + profile)
}

// parameter is a value out of an fmtp line in lower case.
func parameter(fmtp, name, absent string) string {
	for part := range strings.SplitSeq(fmtp, ";") {
		if field, value, _ := strings.Cut(strings.TrimSpace(part), "="); strings.EqualFold(field, name) {
			absent = strings.ToLower(value)
		}
	}
	return absent
}

// Format is how the payload of this codec is read.
func (k Key) Format() Format {
	switch {
	case strings.HasPrefix(string(k), "audio/"):
		return Audio
	case k == "video/vp8":
		return VP8
	case strings.HasPrefix(string(k), "video/h264"):
		return H264
	case k == "video/vp9":
		return VP9
	case k == "video/av1":
		return AV1
	}
	return Opaque
}

// Format is a payload format whose first bytes the relay understands.
type Format uint8

const (
	// Opaque payload cannot be read: no keyframe is ever found in it.
	Opaque Format = iota
	// Audio needs no keyframe: any packet may start a switch.
	Audio
	// VP8 is RFC 7741.
	VP8
	// H264 is RFC 6184.
	H264
	// VP9 is RFC 9628, with one spatial layer.
	VP9
	// AV1 is the RTP payload format of the Alliance for Open Media, version 1.0, with one spatial layer.
	AV1
)

// Description is what the first bytes of a payload tell. It is a plain value without pointers into the payload.
type Description struct {
	// Keyframe: this packet is the first of a keyframe (for audio: always).
	Keyframe bool
	// Start: this packet is the first of a frame, as far as the format shows it.
	Start bool
	// Width and Height of the picture in pixels, on keyframes that carry them; else 0.
	Width, Height uint16
	// TemporalLayer is 0 where the format does not show one.
	TemporalLayer uint8
	// Sync: the frame of an upper temporal layer needs nothing but the lowest one (VP8: Y). Whoever has left that layer
	// out may begin to get it here.
	Sync bool

	descriptor descriptor
}

// Describe reads a payload once for all subscribers. It never fails: what it does not understand is described
// as neither start nor keyframe.
func (f Format) Describe(payload []byte) Description {
	switch f {
	case Audio:
		return Description{Keyframe: true, Start: true}
	case VP8:
		return describeVP8(payload)
	case H264:
		return describeH264(payload)
	case VP9:
		return describeVP9(payload)
	case AV1:
		return describeAV1(payload)
	}
	return Description{}
}
