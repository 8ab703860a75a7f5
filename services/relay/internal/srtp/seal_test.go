package srtp

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/pion/dtls/v3"
)

func TestSeal_IsUnderstoodByPion(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, opens, _ := session(t, profile)
		for number := uint64(32000); number < 32000+3*65536; number += 37 { // over three rollovers
			for _, ssrc := range []uint32{1, 0xfedcba98} {
				sealed, plain, err := seal(t, s, ssrc, number)
				if err != nil {
					t.Fatalf("%d: %v", number, err)
				}
				if got, err := opens.DecryptRTP(nil, sealed, nil); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%d: %q %v, want %q", number, got, err, plain)
				}
			}
		}
	})
}

func TestSeal_TakesLatePacketsAcrossARollover(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, opens, _ := session(t, profile)
		start := uint64(30000)
		late := []uint64{65535, 65536 - 900, 65536 + 3, 65533, 65536 + 999 - 2047}
		order := []uint64{start, start + 20000, 65534, 65536 + 5, 65536 + 999}
		for _, number := range append(order, late...) {
			sealed, plain, err := seal(t, s, 9, number)
			if err != nil {
				t.Fatalf("%d: %v", number, err)
			}
			if got, err := opens.DecryptRTP(nil, sealed, nil); err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("%d: %q %v", number, got, err)
			}
		}
	})
}

func TestSeal_NeverUsesANumberTwice(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, _, _ := session(t, profile)
		for number := uint64(20); number < 4000; number += 2 {
			if _, _, err := seal(t, s, 9, number); err != nil {
				t.Fatal(err)
			}
		}
		for name, number := range map[string]uint64{
			"the newest": 3998, "an old one": 3000, "one too old to know": 3998 - sealWindow,
			"one out of the window": 21, "one before the beginning": 65530,
		} {
			if _, _, err := seal(t, s, 9, number); !errors.Is(err, ErrReuse) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, err := seal(t, s, 9, 3999-sealWindow); err != nil {
			t.Errorf("the oldest of the window was never used: %v", err)
		}
	})
}

func TestStream_IsOneForEachSSRC(t *testing.T) {
	s, _, _ := session(t, dtls.SRTP_AEAD_AES_128_GCM)
	if first := s.Stream(1); s.Stream(1) != first || s.Stream(2) == first {
		t.Error("streams are mixed up")
	}
}

func TestSeal_RefusesWhatDoesNotFit(t *testing.T) {
	s, _, _ := session(t, dtls.SRTP_AEAD_AES_128_GCM)
	plain, header := plainRTP(t, 9, 20)
	room := append(slices.Clone(plain), make([]byte, tagSize)...)
	for name, err := range map[string]error{
		"no room":      s.Stream(9).Seal(room[:header+tagSize-1], header),
		"a header":     s.Stream(9).Seal(room, rtpHeader-1),
		"another SSRC": s.Stream(10).Seal(room, header),
	} {
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Stream(9).Seal(room, header); err != nil {
		t.Errorf("what was refused used the number up: %v", err)
	}
}

func TestSeal_StopsWhenTheIndexesAreUsedUp(t *testing.T) {
	s, _, _ := session(t, dtls.SRTP_AEAD_AES_128_GCM)
	s.Stream(9).used.use(maxIndex - 1)
	if _, _, err := seal(t, s, 9, maxIndex); err != nil {
		t.Fatal(err)
	}
	if _, _, err := seal(t, s, 9, maxIndex+1); !errors.Is(err, ErrExhausted) {
		t.Errorf("%v", err)
	}
	s.sent = maxRTCPIndex
	if _, err := s.SealRTCP(nil, plainRTCP(t, 9)); !errors.Is(err, ErrExhausted) {
		t.Errorf("rtcp: %v", err)
	}
}
