package offer

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// parsed is the classroom's offer after some edits.
func parsed(t *testing.T, edits ...edit) *Shape {
	t.Helper()
	shape, err := Parse(apply(chromium(t, "classroom"), edits...))
	if err != nil {
		t.Fatal(err)
	}
	return shape
}

func TestParse_GivesTheFormatsOfASection(t *testing.T) {
	shape := parsed(t)
	all := TransportCC | NACK | PLI | FIR | REMB
	want := []Format{
		{"video/vp8", 96, 97, "", all},
		{"video/h264;mode=1;profile=42e0", 108, 109, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", all},
		{"video/vp9", 98, 99, "profile-id=0", all},
		{"video/av1", 45, 46, "level-idx=5;profile=0;tier=0", all},
	}
	for _, role := range []int{1, 2, 8, 10} {
		if got := shape.Sections[role].Formats; !slices.Equal(got, want) {
			t.Errorf("section %d has %+v", role, got)
		}
	}
	if got := shape.Sections[4]; !slices.Equal(got.Formats, []Format{{"audio/opus", 111, 0, "minptime=10;useinbandfec=1", TransportCC}}) || got.Red != 63 {
		t.Errorf("audio slot has %+v", got)
	}
	if data := shape.Sections[11]; data.Formats != nil || data.Extensions != nil || data.Streams != nil {
		t.Errorf("data section has %+v", data)
	}
}

func TestParse_TakesFewerFormats(t *testing.T) {
	rows := []struct {
		claim   string
		edit    edit
		section int
		want    []Format
		red     uint8
	}{
		{"no RED", replace(1, "SAVPF 111 63", "SAVPF 111"), 0, []Format{{"audio/opus", 111, 0, "minptime=10;useinbandfec=1", TransportCC}}, 0},
		{"RED first", replace(1, "SAVPF 111 63", "SAVPF 63 111"), 0, []Format{{"audio/opus", 111, 0, "minptime=10;useinbandfec=1", TransportCC}}, 63},
		{"RED that does not say of what", replace(1, "a=fmtp:63 111/111\r\n", ""), 0, []Format{{"audio/opus", 111, 0, "minptime=10;useinbandfec=1", TransportCC}}, 63},
		{"no retransmissions", replace(9, "96 97 108 109 98 99 45 46", "45"), 8, []Format{{"video/av1", 45, 0, "level-idx=5;profile=0;tier=0", TransportCC | NACK | PLI | FIR | REMB}}, 0},
		{"retransmissions of nothing", replace(9, "96 97 108 109 98 99 45 46", "45 97"), 8, []Format{{"video/av1", 45, 0, "level-idx=5;profile=0;tier=0", TransportCC | NACK | PLI | FIR | REMB}}, 0},
		{"feedback for all formats", func(s []string) []string {
			s[9] = strings.NewReplacer("96 97 108 109 98 99 45 46", "45", "a=rtcp-fb:45 nack pli\r\n", "a=rtcp-fb:* nack pli\r\n",
				"a=rtcp-fb:45 goog-remb\r\n", "", "a=rtcp-fb:45 ccm fir\r\n", "", "a=rtcp-fb:45 nack\r\n", "").Replace(s[9])
			return s
		}, 8, []Format{{"video/av1", 45, 0, "level-idx=5;profile=0;tier=0", TransportCC | PLI}}, 0},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			if got := parsed(t, row.edit).Sections[row.section]; !slices.Equal(got.Formats, row.want) || got.Red != row.red {
				t.Fatalf("got %+v and RED %d", got.Formats, got.Red)
			}
		})
	}
}

func TestParse_GivesExtensionsOfOneByteHeaders(t *testing.T) {
	const mid = "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
	shape := parsed(t, replace(5, mid, strings.Replace(mid, ":4 ", ":4/sendrecv ", 1)+"a=extmap:15 uri:long some attributes\r\n"))
	slot := shape.Sections[4].Extensions
	if len(slot) != 4 || slot["urn:ietf:params:rtp-hdrext:sdes:mid"] != 4 || slot["urn:ietf:params:rtp-hdrext:ssrc-audio-level"] != 1 {
		t.Fatalf("audio slot has %v", slot)
	}
	if camera := shape.Sections[1].Extensions; camera["urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"] != 10 {
		t.Fatalf("camera has %v", camera)
	}
}

func TestParse_GivesStreamsWithTheirRepairs(t *testing.T) {
	shape := parsed(t,
		replace(3, "a=ssrc-group:FID 743845582 2835472353\r\n", ""),
		replace(3, "a=rtcp-mux\r\n", "a=rtcp-mux\r\na=ssrc-group:SIM 1 2\r\na=ssrc-group:FID 743845582 2835472353\r\n"))
	if got := shape.Sections[2].Streams; !slices.Equal(got, []Stream{{743845582, 2835472353}}) {
		t.Errorf("screen has %v", got)
	}
	if got := shape.Sections[0].Streams; !slices.Equal(got, []Stream{{1714980018, 0}}) {
		t.Errorf("microphone has %v", got)
	}
	for _, place := range []int{1, 4, 8} {
		if got := shape.Sections[place].Streams; got != nil {
			t.Errorf("section %d has %v", place, got)
		}
	}
}

func TestParse_GivesWhatICEAndDTLSNeed(t *testing.T) {
	shape := parsed(t)
	if shape.Ufrag != "25ut" || shape.Password != "NESm55ZwqY8laphnHpstBpBf" {
		t.Fatalf("credentials %q, %q", shape.Ufrag, shape.Password)
	}
	if got := hex.EncodeToString(shape.Fingerprint[:4]); got != "9be96d6c" {
		t.Fatalf("fingerprint %s…", got)
	}
}

func TestParse_RefusesNumbersThatItCannotUse(t *testing.T) {
	const group, screen = "a=ssrc-group:FID 743845582 2835472353", 3
	rows := []struct {
		claim string
		edit  edit
		want  Problem
	}{
		{"a payload type that would be taken for RTCP", everywhere("96", "72"), UnknownCodec},
		{"payload type 0", replace(1, "SAVPF 111", "SAVPF 0"), UnknownCodec},
		{"payload type 200", replace(1, "SAVPF 111", "SAVPF 200"), UnknownCodec},
		{"RED of another codec", replace(1, "111/111", "111/9"), UnknownCodec},
		{"RED in a video section", replace(9, "VP8/90000", "red/90000"), UnknownCodec},
		{"VP9 of 10 bits", replace(9, "profile-id=0", "profile-id=2"), UnknownCodec},
		{"AV1 of the high profile", replace(9, "profile=0", "profile=1"), UnknownCodec},
		{"one payload type for two codecs", replace(9, "rtpmap:96 VP8", "rtpmap:96 VP9"), AmbiguousNumbers},
		{"repairs of two codecs", replace(9, "apt=98", "apt=45"), AmbiguousNumbers},
		{"an extension without id", replace(9, "a=extmap:3 ", "a=extmap: "), WrongExtensions},
		{"an extension without name", replace(9, "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", "a=extmap:3"), WrongExtensions},
		{"extension 0", replace(9, "a=extmap:3 ", "a=extmap:0 "), WrongExtensions},
		{"an overlong extension", replace(9, "a=extmap:3 ", "a=extmap:3 "+strings.Repeat("x", 200)), WrongExtensions},
		{"another id for an extension that is there", replace(9, "a=mid:8", "a=mid:8\r\na=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid"), AmbiguousNumbers},
		{"one id for two extensions of a section", replace(9, "a=extmap:3 ", "a=extmap:4 "), AmbiguousNumbers},
		{"one id for two extensions of two sections", replace(5, "a=extmap:1 ", "a=extmap:5 "), AmbiguousNumbers},
		{"an SSRC that is none", replace(1, "a=ssrc:1714980018 cname", "a=ssrc:x cname"), WrongStreams},
		{"SSRC 0", replace(1, "a=ssrc:1714980018 cname", "a=ssrc:0 cname"), WrongStreams},
		{"a stream that repairs itself", replace(screen, group, "a=ssrc-group:FID 743845582 743845582"), WrongStreams},
		{"a stream that repairs two", replace(screen, group, group+"\r\na=ssrc-group:FID 1 2835472353"), WrongStreams},
		{"a repair that is no SSRC", replace(screen, group, "a=ssrc-group:FID 743845582 x"), WrongStreams},
		{"one SSRC in two sections", replace(screen, "743845582", "1714980018"), AmbiguousNumbers},
		{"very many streams", func(s []string) []string {
			for i := range 10 {
				s[screen] += "a=ssrc:1" + string(rune('0'+i)) + " cname:x\r\n"
			}
			return s
		}, WrongStreams},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			_, err := Parse(apply(chromium(t, "classroom"), row.edit))
			var got Problem
			if !errors.As(err, &got) || got != row.want {
				t.Fatalf("got %v, want %v", err, row.want)
			}
		})
	}
}

// keys are the codecs of a section.
func keys(s Section) []munge.Key {
	var out []munge.Key
	for _, f := range s.Formats {
		out = append(out, f.Key)
	}
	return out
}
