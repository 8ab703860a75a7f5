package answer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
)

// media writes the m-line of a section with its codecs and header extensions.
func (w *writer) media(section offer.Section, e Extensions) {
	kind := "audio"
	if isVideo(section.Role) {
		kind = "video"
	}
	formats := ordered(section)
	w.WriteString("m=" + kind + " 9 UDP/TLS/RTP/SAVPF")
	for _, f := range formats {
		w.number(f.PayloadType)
		w.number(f.Repair)
	}
	w.number(section.Red)
	w.line()
	w.line("c=IN IP4 0.0.0.0")
	w.line("a=rtcp-mux")
	w.line("a=rtcp-rsize")
	for _, f := range formats {
		w.format(f, feedback(f, e))
	}
	w.red(section)
	w.extension(midURI, e.Mid)
	w.extension(ridURI, e.RID)
	w.extension(repairedRIDURI, e.RepairedRID)
	w.extension(transportCCURI, e.TransportCC)
	w.extension(audioLevelURI, e.AudioLevel)
}

// ordered is the client's order, which is what it prefers to send and to get. Only a camera with layers puts first
// what can be sent in layers of one stream each: VP8 and H264.
func ordered(section offer.Section) []offer.Format {
	if len(section.RIDs) == 0 {
		return section.Formats
	}
	out := slices.Clone(section.Formats)
	slices.SortStableFunc(out, func(a, b offer.Format) int { return single(a.Key) - single(b.Key) })
	return out
}

// single is 1 for codecs that the relay forwards in one layer only.
func single(key munge.Key) int {
	if key == "video/vp9" || key == "video/av1" {
		return 1
	}
	return 0
}

// number writes a payload type of the m-line, unless there is none.
func (w *writer) number(payload uint8) {
	if payload != 0 {
		w.WriteString(" " + strconv.Itoa(int(payload)))
	}
}

// format writes a codec, its parameters, its feedback and its retransmissions.
func (w *writer) format(f offer.Format, taken offer.Feedback) {
	number := strconv.Itoa(int(f.PayloadType))
	w.line("a=rtpmap:", number, " ", encoding(f.Key))
	if params := parameters(f); params != "" {
		w.line("a=fmtp:", number, " ", params)
	}
	w.feedback(number, taken)
	if f.Repair != 0 {
		repair := strconv.Itoa(int(f.Repair))
		w.line("a=rtpmap:", repair, " rtx/90000")
		w.line("a=fmtp:", repair, " apt=", number)
	}
}

func (w *writer) feedback(number string, taken offer.Feedback) {
	for _, kind := range []struct {
		bit   offer.Feedback
		value string
	}{
		{offer.TransportCC, "transport-cc"}, {offer.REMB, "goog-remb"}, {offer.NACK, "nack"}, {offer.PLI, "nack pli"},
		{offer.FIR, "ccm fir"},
	} {
		if taken&kind.bit != 0 {
			w.line("a=rtcp-fb:", number, " ", kind.value)
		}
	}
}

// red writes the payload type of RED (RFC 2198). It stands behind Opus, so that the client sends Opus alone by itself.
func (w *writer) red(section offer.Section) {
	if section.Red == 0 {
		return
	}
	number, opus := strconv.Itoa(int(section.Red)), strconv.Itoa(int(section.Formats[0].PayloadType))
	w.line("a=rtpmap:", number, " red/48000/2")
	w.line("a=fmtp:", number, " ", opus, "/", opus)
}

func (w *writer) extension(uri string, id uint8) {
	if id != 0 {
		w.line("a=extmap:", strconv.Itoa(int(id)), " ", uri)
	}
}

// encoding is the rtpmap of a codec.
func encoding(key munge.Key) string {
	switch key {
	case "audio/opus":
		return "opus/48000/2"
	case "video/vp8":
		return "VP8/90000"
	case "video/vp9":
		return "VP9/90000"
	case "video/av1":
		return "AV1/90000"
	}
	return "H264/90000"
}

// parameters are ours for Opus: with in-band error correction. Those of video name the profile, which is the client's.
func parameters(f offer.Format) string {
	if strings.HasPrefix(string(f.Key), "audio/") {
		return "minptime=10;useinbandfec=1"
	}
	return f.Parameters
}
