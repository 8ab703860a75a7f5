package offer

import (
	"slices"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// maxFormats bounds the payload types of one section.
const maxFormats = 32

// codecs reads the payload types of a section. All must be known, and what the relay cannot do without must be
// among them.
func codecs(media *sdp.MediaDescription) ([]munge.Key, error) {
	kind := media.MediaName.Media
	if len(media.MediaName.Formats) > maxFormats {
		return nil, UnknownCodec
	}
	maps, params := byFormat(media, "rtpmap"), byFormat(media, "fmtp")
	var keys []munge.Key
	for _, format := range media.MediaName.Formats {
		encoding := strings.ToLower(maps[format])
		if kind == "video" && encoding == "rtx/90000" {
			continue
		}
		name, _, _ := strings.Cut(encoding, "/")
		key := munge.KeyOf(kind+"/"+name, params[format])
		if !known(kind+"/"+encoding, key) {
			return nil, UnknownCodec
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 || kind == "audio" && !slices.Contains(keys, "audio/opus") {
		return nil, NoCodec
	}
	return keys, nil
}

// known tells the codecs that the relay forwards: Opus, RED of it, VP8, and H264 of the baseline profiles in
// packets of non-interleaved mode.
func known(encoding string, key munge.Key) bool {
	switch encoding {
	case "audio/opus/48000/2", "audio/red/48000/2", "video/vp8/90000":
		return true
	case "video/h264/90000":
		return strings.HasPrefix(string(key), "video/h264;mode=1;profile=42")
	}
	return false
}

// byFormat collects the attributes "key:format value".
func byFormat(media *sdp.MediaDescription, key string) map[string]string {
	out := map[string]string{}
	for _, a := range media.Attributes {
		if a.Key == key {
			format, value, _ := strings.Cut(a.Value, " ")
			out[format] = strings.TrimSpace(value)
		}
	}
	return out
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
