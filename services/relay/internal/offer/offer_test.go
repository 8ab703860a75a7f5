package offer

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// chromium is an offer as Chromium 156 wrote it: teacher, classroom or listener.
func chromium(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".sdp"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParse_TakesWhatChromiumWrites(t *testing.T) {
	rows := []struct {
		name  string
		video int
		rids  []string
	}{{"teacher", 10, []string{"q", "h", "f"}}, {"classroom", 3, []string{"q", "h", "f"}}, {"listener", 2, nil}}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			shape, err := Parse(chromium(t, row.name))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(shape.AudioSlots, []string{"4", "5", "6", "7"}) || len(shape.VideoSlots) != row.video || shape.VideoSlots[0] != "8" {
				t.Fatalf("slots %v, %v", shape.AudioSlots, shape.VideoSlots)
			}
			if camera := shape.Sections[1]; !slices.Equal(camera.RIDs, row.rids) || !slices.Equal(keys(camera), []munge.Key{"video/vp8", "video/h264;mode=1;profile=42e0", "video/vp9", "video/av1"}) {
				t.Fatalf("camera %+v", camera)
			}
			if !slices.Equal(keys(shape.Sections[0]), []munge.Key{"audio/opus"}) {
				t.Fatalf("microphone %+v", shape.Sections[0])
			}
		})
	}
}

// edit changes an offer's sections. Section 0 is the session's head.
type edit func(sections []string) []string

func replace(section int, old, by string) edit {
	return func(s []string) []string {
		if !strings.Contains(s[section], old) {
			panic("nothing to replace: " + old)
		}
		s[section] = strings.ReplaceAll(s[section], old, by)
		return s
	}
}

func everywhere(old, by string) edit {
	return func(s []string) []string {
		for i := range s {
			s[i] = strings.ReplaceAll(s[i], old, by)
		}
		return s
	}
}

func apply(text string, edits ...edit) string {
	parts := strings.Split(text, "m=")
	for _, e := range edits {
		parts = e(parts)
	}
	return strings.Join(parts, "m=")
}

func TestParse_RefusesOtherShapes(t *testing.T) {
	const fingerprint = "a=fingerprint:sha-256"
	rows := []struct {
		claim string
		edit  edit
		want  Problem
	}{
		{"too large", replace(0, "s=-", "s="+strings.Repeat("x", MaxBytes)), TooLarge},
		{"too many sections", func(s []string) []string {
			return append(s, slices.Repeat(s[5:6], 22)...)
		}, TooManySections},
		{"not SDP", func([]string) []string { return []string{"hello\r\n"} }, Malformed},
		{"empty", func([]string) []string { return []string{""} }, WrongSections},
		{"microphone and camera swapped", func(s []string) []string { s[1], s[2] = s[2], s[1]; return s }, WrongSections},
		{"audio slot behind video slots", func(s []string) []string { s[5], s[9] = s[9], s[5]; return s }, WrongSections},
		{"no data channel", func(s []string) []string { return s[:len(s)-1] }, WrongSections},
		{"two data channels", func(s []string) []string { return append(s, strings.ReplaceAll(s[12], "a=mid:11", "a=mid:12")) }, WrongSections},
		{"an unknown kind", replace(12, "application", "text"), WrongSections},
		{"a rejected section", replace(6, "audio 9", "audio 0"), WrongSections},
		{"no sections", func(s []string) []string { return s[:1] }, WrongSections},
		{"a sender that receives", replace(1, "a=sendonly", "a=sendrecv"), WrongDirection},
		{"a slot without direction", replace(5, "a=recvonly\r\n", ""), WrongDirection},
		{"a slot that sends", replace(9, "a=recvonly", "a=sendonly"), WrongDirection},
		{"two directions", replace(9, "a=recvonly", "a=recvonly\r\na=inactive"), WrongDirection},
		{"no audio slots", func(s []string) []string { return slices.Delete(s, 5, 9) }, WrongSlots},
		{"no video slots", func(s []string) []string { return slices.Delete(s, 9, 12) }, WrongSlots},
		{"five audio slots", func(s []string) []string {
			return slices.Insert(s, 9, strings.ReplaceAll(s[8], "a=mid:7", "a=mid:77"))
		}, WrongSlots},
		{"plain RTP", replace(1, "UDP/TLS/RTP/SAVPF", "RTP/AVP"), WrongProtocol},
		{"data over TCP", replace(12, "UDP/DTLS/SCTP", "TCP/DTLS/SCTP"), WrongProtocol},
		{"RTCP apart", replace(3, "a=rtcp-mux\r\n", ""), WrongProtocol},
		{"no mid", replace(3, "a=mid:2\r\n", ""), WrongMids},
		{"a mid twice", replace(3, "a=mid:2", "a=mid:1"), WrongMids},
		{"a mid with blanks", replace(3, "a=mid:2", "a=mid:2 2"), WrongMids},
		{"an overlong mid", replace(3, "a=mid:2", "a=mid:22222222222222222"), WrongMids},
		{"an unknown rid", replace(2, "a=rid:h", "a=rid:x"), WrongLayers},
		{"a rid twice", replace(2, "a=rid:h", "a=rid:q"), WrongLayers},
		{"rids without simulcast", replace(2, "a=simulcast:send q;h;f\r\n", ""), WrongLayers},
		{"simulcast of other rids", replace(2, "send q;h;f", "send q;h"), WrongLayers},
		{"simulcast of the screen", replace(3, "a=sendonly", "a=sendonly\r\na=rid:q send\r\na=simulcast:send q"), WrongLayers},
		{"rids to receive", replace(2, "a=rid:q send", "a=rid:q recv"), WrongLayers},
		{"an unknown codec", replace(2, "VP8/90000", "H263/90000"), UnknownCodec},
		{"a codec without name", replace(1, "SAVPF 111", "SAVPF 111 0"), UnknownCodec},
		{"H264 in single packets", replace(9, "packetization-mode=1", "packetization-mode=0"), UnknownCodec},
		{"H264 of high profile", replace(9, "profile-level-id=42e01f", "profile-level-id=640c1f"), UnknownCodec},
		{"very many payload types", replace(1, "SAVPF 111", "SAVPF"+strings.Repeat(" 111", 33)), UnknownCodec},
		{"only repairs", replace(9, "SAVPF 96 97 108 109 98 99 45 46", "SAVPF 97 109"), NoCodec},
		{"only redundancy", replace(1, "SAVPF 111 63", "SAVPF 63"), NoCodec},
		{"no bundle", replace(0, "a=group:BUNDLE", "a=group:LS"), NotBundled},
		{"a bundle that leaves one out", replace(0, "BUNDLE 0", "BUNDLE"), NotBundled},
		{"a bundle of others", replace(0, "BUNDLE 0", "BUNDLE 99"), NotBundled},
		{"no ICE password", everywhere("a=ice-pwd:", "a=ice-xyz:"), NoICE},
		{"a short ICE password", everywhere("a=ice-pwd:NESm5", "a=ice-pwd:"), NoICE},
		{"hostile ICE characters", everywhere("a=ice-ufrag:25ut", "a=ice-ufrag:25 ut"), NoICE},
		{"no fingerprint", everywhere(fingerprint, "a=x:"), NoFingerprint},
		{"a weak fingerprint", everywhere(fingerprint, "a=fingerprint:sha-1"), NoFingerprint},
		{"another fingerprint in one section", replace(3, fingerprint+" 9B", fingerprint+" 00"), NoFingerprint},
		{"a client that wants to be the DTLS server", everywhere("a=setup:actpass", "a=setup:passive"), WrongSetup},
		{"no setup", everywhere("a=setup:actpass\r\n", ""), WrongSetup},
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

func TestParse_TakesVariantsWithinTheAgreement(t *testing.T) {
	rows := []struct {
		claim string
		edit  edit
	}{
		{"two layers", func(s []string) []string {
			s[2] = strings.NewReplacer("a=rid:f send\r\n", "", "q;h;f", "q;h").Replace(s[2])
			return s
		}},
		{"a client that insists on being the DTLS client", everywhere("a=setup:actpass", "a=setup:active")},
		{"bundle-only sections", replace(7, "audio 9", "audio 0")},
		{"line feeds alone", everywhere("\r\n", "\n")},
		{"credentials said once for the session", func(s []string) []string {
			once := "a=ice-ufrag:25ut\r\na=ice-pwd:NESm55ZwqY8laphnHpstBpBf\r\n"
			s = everywhere(once, "")(s)
			s[0] += once
			return s
		}},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			text := apply(chromium(t, "classroom"), row.edit)
			text = strings.ReplaceAll(text, "audio 0 UDP/TLS/RTP/SAVPF 111 63\r\n", "audio 0 UDP/TLS/RTP/SAVPF 111 63\r\na=bundle-only\r\n")
			if _, err := Parse(text); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func FuzzParse_AnswersEverythingWithAShapeOrAProblem(f *testing.F) {
	for _, name := range []string{"teacher", "classroom", "listener"} {
		f.Add(chromium(f, name))
	}
	f.Add("")
	f.Add("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n")
	f.Add("v=0\nm=")
	f.Fuzz(func(t *testing.T, text string) {
		shape, err := Parse(text)
		var problem Problem
		switch {
		case err != nil && (!errors.As(err, &problem) || shape != nil):
			t.Fatalf("refused by %v with shape %v", err, shape)
		case err == nil && (len(shape.Sections) > MaxSections || len(shape.AudioSlots) > MaxAudioSlots || len(shape.VideoSlots) > MaxVideoSlots):
			t.Fatalf("beyond the limits: %+v", shape)
		}
	})
}

func BenchmarkParse_Teacher(b *testing.B) {
	text := chromium(b, "teacher")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
