package answer

import (
	"crypto/sha256"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
)

const baseline munge.Key = "video/h264;mode=1;profile=42e0"

// shapeOf is an offer as Chromium wrote it: teacher, classroom or listener.
func shapeOf(t testing.TB, name string) *offer.Shape {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "offer", "testdata", name+".sdp"))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

func parse(t testing.TB, text string) *offer.Shape {
	t.Helper()
	shape, err := offer.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return shape
}

func paramsFor(shape *offer.Shape) Params {
	return Params{
		Shape: shape, Ufrag: "relayUfr", Password: "relayPasswordrelayPasswo", Fingerprint: sha256.Sum256(nil),
		Addresses:  []netip.AddrPort{netip.MustParseAddrPort("203.0.113.7:9000"), netip.MustParseAddrPort("[2001:db8::1]:9000")},
		MaxMessage: 4096,
	}
}

// write answers an offer and reads the answer again.
func write(t testing.TB, p Params) (*sdp.SessionDescription, Answer) {
	t.Helper()
	text, a := Write(p)
	var s sdp.SessionDescription
	if err := s.UnmarshalString(text); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(s.MediaDescriptions) != len(p.Shape.Sections) {
		t.Fatalf("%d sections answer %d", len(s.MediaDescriptions), len(p.Shape.Sections))
	}
	return &s, a
}

// all are the values of an attribute.
func all(m *sdp.MediaDescription, key string) []string {
	var out []string
	for _, a := range m.Attributes {
		if a.Key == key {
			out = append(out, a.Value)
		}
	}
	return out
}

func one(t testing.TB, m *sdp.MediaDescription, key string) string {
	t.Helper()
	values := all(m, key)
	if len(values) != 1 {
		t.Fatalf("%s: %q", key, values)
	}
	return values[0]
}

func TestWrite_AnswersEachSectionInItsPlace(t *testing.T) {
	for _, name := range []string{"teacher", "classroom", "listener"} {
		shape := shapeOf(t, name)
		s, a := write(t, paramsFor(shape))
		for i, section := range shape.Sections {
			m := s.MediaDescriptions[i]
			if mid := one(t, m, "mid"); mid != section.Mid {
				t.Fatalf("section %d has mid %s", i, mid)
			}
			want := "recvonly"
			switch section.Role {
			case offer.AudioSlot, offer.VideoSlot:
				want = "sendonly"
			case offer.Data:
				continue
			}
			if _, ok := m.Attribute(want); !ok {
				t.Fatalf("section %d is not %s", i, want)
			}
		}
		if len(a.Sources) != 4 || len(a.Audio) != len(shape.AudioSlots) || len(a.Video) != len(shape.VideoSlots) {
			t.Fatalf("%d sources, %d and %d slots", len(a.Sources), len(a.Audio), len(a.Video))
		}
	}
}

func TestWrite_IsALiteServerInOneBundle(t *testing.T) {
	p := paramsFor(shapeOf(t, "listener"))
	s, _ := write(t, p)
	group, _ := s.Attribute("group")
	print, _ := s.Attribute("fingerprint")
	if _, lite := s.Attribute("ice-lite"); !lite || group != "BUNDLE 0 1 2 3 4 5 6 7 8 9 10" || !strings.HasPrefix(print, "sha-256 E3:B0:C4:42:") {
		t.Fatalf("session says %+v", s.Attributes)
	}
	for _, m := range s.MediaDescriptions {
		if one(t, m, "setup") != "passive" || one(t, m, "ice-ufrag") != p.Ufrag || one(t, m, "ice-pwd") != p.Password {
			t.Fatalf("section says %+v", m.Attributes)
		}
	}
	data := s.MediaDescriptions[len(s.MediaDescriptions)-1]
	if one(t, data, "sctp-port") != "5000" || one(t, data, "max-message-size") != "4096" {
		t.Fatalf("data section says %+v", data.Attributes)
	}
}

func TestWrite_NamesEachAddressOnceUDPBeforeTCP(t *testing.T) {
	p := paramsFor(shapeOf(t, "listener"))
	udpFirst := []string{
		"1 1 udp 2130706430 203.0.113.7 9000 typ host",
		"1001 1 tcp 1671430142 203.0.113.7 9000 typ host tcptype passive",
		"2 1 udp 2130706429 2001:db8::1 9000 typ host",
		"1002 1 tcp 1671430141 2001:db8::1 9000 typ host tcptype passive",
	}
	for tcpOnly, want := range map[bool][]string{false: udpFirst, true: {udpFirst[1], udpFirst[3]}} {
		p.TCPOnly = tcpOnly
		s, _ := write(t, p)
		for i, m := range s.MediaDescriptions {
			if got := all(m, "candidate"); i == 0 && !slices.Equal(got, want) || i > 0 && len(got) > 0 {
				t.Fatalf("section %d: %q", i, got)
			}
		}
	}
}

func TestWrite_TakesAllCodecsInTheClientsOrder(t *testing.T) {
	s, a := write(t, paramsFor(shapeOf(t, "classroom")))
	for i, want := range map[int]string{0: "111 63", 1: "96 97 108 109 98 99 45 46", 2: "96 97 108 109 98 99 45 46", 4: "111 63", 8: "96 97 108 109 98 99 45 46"} {
		if got := strings.Join(s.MediaDescriptions[i].MediaName.Formats, " "); got != want {
			t.Errorf("section %d offers %s, want %s", i, got, want)
		}
	}
	audio, video := a.Audio[0], a.Video[0]
	if audio.Red != 63 || audio.Repair != 0 || !maps.Equal(audio.Payloads, map[munge.Key]Payload{"audio/opus": {111, 0}}) {
		t.Errorf("audio slot %+v", audio)
	}
	if video.Red != 0 || video.Repair == 0 || !video.NACK || !maps.Equal(video.Payloads, map[munge.Key]Payload{
		"video/vp8": {96, 97}, baseline: {108, 109}, "video/vp9": {98, 99}, "video/av1": {45, 46},
	}) {
		t.Errorf("video slot %+v", video)
	}
	if got := a.Sources[0].Codecs; !maps.Equal(got, map[uint8]Codec{
		111: {Key: "audio/opus", ClockRate: 48000, Red: 63}, 63: {Key: "audio/red", ClockRate: 48000, RedOf: 111},
	}) {
		t.Errorf("microphone %+v", got)
	}
	if got := a.Sources[1].Codecs; len(got) != 8 || got[97] != (Codec{Key: "video/vp8", ClockRate: 90000, RepairOf: 96}) ||
		got[45] != (Codec{Key: "video/av1", ClockRate: 90000, Repeats: true}) {
		t.Errorf("camera %+v", got)
	}
}

func TestWrite_PutsLayeredCodecsFirstForALayeredCameraOnly(t *testing.T) {
	shape := shapeOf(t, "classroom")
	for i := range shape.Sections {
		slices.Reverse(shape.Sections[i].Formats) // AV1 first
	}
	s, _ := write(t, paramsFor(shape))
	for i, want := range map[int]string{1: "108 109 96 97 45 46 98 99", 2: "45 46 98 99 108 109 96 97"} {
		if got := strings.Join(s.MediaDescriptions[i].MediaName.Formats, " "); got != want {
			t.Errorf("section %d takes %s, want %s", i, got, want)
		}
	}
}

func TestWrite_SaysTheProfilesOfTheOffer(t *testing.T) {
	s, _ := write(t, paramsFor(shapeOf(t, "classroom")))
	got := all(s.MediaDescriptions[8], "fmtp")
	for _, want := range []string{
		"97 apt=96", "108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
		"98 profile-id=0", "45 level-idx=5;profile=0;tier=0", "46 apt=45",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
	if got := all(s.MediaDescriptions[0], "fmtp"); !slices.Equal(got, []string{"111 minptime=10;useinbandfec=1", "63 111/111"}) {
		t.Errorf("sound: %q", got)
	}
}

func TestWrite_AgreesOnArrivalTimesInsteadOfREMB(t *testing.T) {
	shape := shapeOf(t, "classroom")
	s, a := write(t, paramsFor(shape))
	if got := all(s.MediaDescriptions[8], "rtcp-fb")[:4]; !slices.Equal(got, []string{"96 transport-cc", "96 nack", "96 nack pli", "96 ccm fir"}) {
		t.Fatalf("feedback %q", got)
	}
	if got := all(s.MediaDescriptions[0], "rtcp-fb"); got[0] != "111 transport-cc" || !a.Sources[0].TransportCC {
		t.Fatalf("feedback on sound %q", got)
	}
	for _, section := range shape.Sections {
		delete(section.Extensions, transportCCURI)
	}
	s, a = write(t, paramsFor(shape))
	if got := all(s.MediaDescriptions[1], "rtcp-fb"); got[0] != "96 goog-remb" || slices.Contains(got, "96 transport-cc") || a.Sources[1].TransportCC {
		t.Fatalf("feedback without the extension %q", got)
	}
}

func TestWrite_AgreesOnTheExtensionsThatTheRelayReads(t *testing.T) {
	s, a := write(t, paramsFor(shapeOf(t, "teacher")))
	if want := (Extensions{Mid: 4, RID: 10, RepairedRID: 11, TransportCC: 3, AudioLevel: 1}); a.Extensions != want {
		t.Fatalf("bundle has %+v", a.Extensions)
	}
	if want := (Extensions{Mid: 4, TransportCC: 3, AudioLevel: 1}); a.Audio[3].Extensions != want || a.Sources[0].Extensions != want {
		t.Fatalf("sound has %+v and %+v", a.Audio[3].Extensions, a.Sources[0].Extensions)
	}
	if want := (Extensions{Mid: 4, TransportCC: 3}); a.Video[9].Extensions != want || a.Sources[2].Extensions != want {
		t.Fatalf("video slot and screen have %+v and %+v", a.Video[9].Extensions, a.Sources[2].Extensions)
	}
	if got := all(s.MediaDescriptions[1], "extmap"); len(got) != 4 || !slices.Contains(got, "10 "+ridURI) {
		t.Fatalf("camera agrees on %q", got)
	}
}

func TestWrite_TakesTheLayersOfTheCamera(t *testing.T) {
	s, a := write(t, paramsFor(shapeOf(t, "teacher")))
	camera := s.MediaDescriptions[1]
	if got := all(camera, "rid"); !slices.Equal(got, []string{"q recv", "h recv", "f recv"}) || one(t, camera, "simulcast") != "recv q;h;f" {
		t.Fatalf("rids %q", got)
	}
	if !slices.Equal(a.Sources[1].RIDs, []string{"q", "h", "f"}) || len(a.Sources[1].Streams) != 0 {
		t.Fatalf("camera %+v", a.Sources[1])
	}
	if s, a := write(t, paramsFor(shapeOf(t, "listener"))); len(all(s.MediaDescriptions[1], "rid")) != 0 || len(a.Sources[1].Streams) != 1 {
		t.Fatal("a camera without layers has none, and says its stream")
	}
}

func TestWrite_GivesEachSlotStreamsThatNobodyHas(t *testing.T) {
	shape := shapeOf(t, "teacher")
	s, a := write(t, paramsFor(shape))
	seen := map[uint32]bool{0: true}
	for _, section := range shape.Sections {
		for _, stream := range section.Streams {
			seen[stream.SSRC], seen[stream.Repair] = true, true
		}
	}
	for i, slot := range slices.Concat(a.Audio, a.Video) {
		m, kind, n := s.MediaDescriptions[4+i], "audio", i
		if i >= 4 {
			kind, n = "video", i-4
			if got := one(t, m, "ssrc-group"); got != "FID "+decimal(slot.SSRC)+" "+decimal(slot.Repair) {
				t.Fatalf("%s says %q", slot.ID, got)
			}
		}
		if id := kind + decimal(uint32(n)); slot.ID != id || one(t, m, "msid") != "slot"+decimal(uint32(n))+" "+id {
			t.Fatalf("slot %s has msid %q", slot.ID, one(t, m, "msid"))
		}
		if got := all(m, "ssrc")[0]; !strings.HasPrefix(got, decimal(slot.SSRC)+" cname:") {
			t.Fatalf("%s says %q", slot.ID, got)
		}
		for _, ssrc := range []uint32{slot.SSRC, slot.Repair} {
			if seen[ssrc] && (ssrc != 0 || kind == "video") {
				t.Fatalf("%s has stream %d, which is taken", slot.ID, ssrc)
			}
			seen[ssrc] = true
		}
	}
}

func decimal(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// FuzzWrite_AnswersWhateverIsAccepted looks for offers that pass the check and break the answer.
func FuzzWrite_AnswersWhateverIsAccepted(f *testing.F) {
	for _, name := range []string{"teacher", "classroom", "listener"} {
		text, err := os.ReadFile(filepath.Join("..", "offer", "testdata", name+".sdp"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		shape, err := offer.Parse(text)
		if err != nil {
			return
		}
		_, a := write(t, paramsFor(shape))
		for _, slot := range slices.Concat(a.Audio, a.Video) {
			if len(slot.Payloads) == 0 || slot.SSRC == 0 {
				t.Fatalf("slot %+v", slot)
			}
		}
	})
}

// BenchmarkWrite_Teacher is all that an offer of ten video slots costs: reading and answering.
func BenchmarkWrite_Teacher(b *testing.B) {
	text, err := os.ReadFile(filepath.Join("..", "offer", "testdata", "teacher.sdp"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Write(paramsFor(parse(b, string(text))))
	}
}
