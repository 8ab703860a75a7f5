package srtp

import (
	"bytes"
	"testing"

	"github.com/pion/dtls/v3"
)

// FuzzOpen_AcceptsOnlyWhatWasSealed gives a session any bytes as RTP and as RTCP: it must not panic, must accept nothing
// but the two genuine packets, each once, and must remember nothing else.
func FuzzOpen_AcceptsOnlyWhatWasSealed(f *testing.F) {
	for _, profile := range profiles {
		_, _, seals := session(f, profile)
		plain, _ := plainRTP(f, 9, 70)
		media, err := seals.EncryptRTP(nil, plain, nil)
		if err != nil {
			f.Fatal(err)
		}
		report, err := seals.EncryptRTCP(nil, plainRTCP(f, 9), nil)
		if err != nil {
			f.Fatal(err)
		}
		for _, packet := range [][]byte{media, report, media[:rtpHeader], report[:len(report)-1], {0x9f}, nil} {
			f.Add(packet, profile == dtls.SRTP_AEAD_AES_128_GCM)
		}
	}
	f.Fuzz(func(t *testing.T, packet []byte, byGCM bool) {
		profile := profiles["cm"]
		if byGCM {
			profile = profiles["gcm"]
		}
		s, _, seals := session(t, profile)
		if opened, err := s.Open(bytes.Clone(packet)); err == nil {
			if again, _ := seals.EncryptRTP(nil, opened, nil); !bytes.Equal(again, packet) {
				t.Fatalf("%x was never sealed", packet)
			}
		}
		if opened, err := s.OpenRTCP(bytes.Clone(packet)); err == nil {
			if again, _ := seals.EncryptRTCP(nil, opened, nil); !bytes.Equal(again, packet) {
				t.Fatalf("%x was never sealed", packet)
			}
		}
		known := len(s.arrived) + len(s.reported)
		_, media := s.Open(bytes.Clone(packet))
		_, report := s.OpenRTCP(bytes.Clone(packet))
		if media == nil || report == nil || len(s.arrived)+len(s.reported) != known {
			t.Fatalf("%x is accepted again", packet)
		}
	})
}
