package answer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWrite_SoundThatIsRepeatedCarriesNoTransportWideNumber: Chromium writes a new number into the second packet, under
// the nonce of the first.
func TestWrite_SoundThatIsRepeatedCarriesNoTransportWideNumber(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "offer", "testdata", "teacher.sdp"))
	if err != nil {
		t.Fatal(err)
	}
	const opus = "a=rtpmap:111 opus/48000/2\r\n"
	plain := strings.ReplaceAll(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n", "\r\n")
	for _, asked := range []bool{false, true} {
		sdp := plain
		if asked {
			sdp = strings.ReplaceAll(plain, opus, opus+"a=rtcp-fb:111 nack\r\n")
		}
		s, a := write(t, paramsFor(parse(t, sdp)))
		microphone, slot := s.MediaDescriptions[0], s.MediaDescriptions[4]
		if got := a.Sources[0].Codecs[111].Repeats; got != asked {
			t.Errorf("asked for: %v; the microphone repeats: %v", asked, got)
		}
		if got := slices.Contains(all(microphone, "rtcp-fb"), "111 nack"); got != asked {
			t.Errorf("asked for: %v; the microphone's section says so: %v", asked, got)
		}
		if got := a.Sources[0].Extensions.TransportCC != 0; got == asked || a.Sources[0].TransportCC == asked {
			t.Errorf("asked for: %v; the microphone's packets are numbered: %v", asked, got)
		}
		numbered := slices.ContainsFunc(all(microphone, "extmap"), func(e string) bool { return strings.Contains(e, transportCCURI) })
		if numbered == asked || slices.Contains(all(microphone, "rtcp-fb"), "111 transport-cc") == asked {
			t.Errorf("asked for: %v; the microphone's section says %q and %q", asked, all(microphone, "extmap"), all(microphone, "rtcp-fb"))
		}
		if got := a.Audio[0].NACK; got != asked || a.Audio[0].Extensions.TransportCC == 0 {
			t.Errorf("asked for: %v; the slot: %+v", asked, a.Audio[0])
		}
		if got := slices.Contains(all(slot, "rtcp-fb"), "111 nack"); got != asked {
			t.Errorf("asked for: %v; the slot's section says so: %v", asked, got)
		}
		if a.Sources[1].Extensions.TransportCC == 0 || !a.Sources[1].TransportCC {
			t.Errorf("asked for: %v; the camera: %+v", asked, a.Sources[1])
		}
	}
}
