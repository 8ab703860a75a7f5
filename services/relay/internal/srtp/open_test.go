package srtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/pion/dtls/v3"
)

func TestOpen_UnderstandsPion(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, _, seals := session(t, profile)
		for number := uint64(64000); number < 64000+3*65536; number += 37 {
			for _, ssrc := range []uint32{1, 0xfedcba98} {
				plain, _ := plainRTP(t, ssrc, number)
				sealed, err := seals.EncryptRTP(nil, plain, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := s.Open(sealed); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%d: %q %v, want %q", number, got, err, plain)
				}
			}
		}
	})
}

func TestOpen_RefusesReplays(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, _, seals := session(t, profile)
		sealed := map[uint64][]byte{}
		for number := uint64(64500); number < 67000; number++ {
			plain, _ := plainRTP(t, 9, number)
			packet, err := seals.EncryptRTP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			sealed[number] = packet
		}
		open := func(number uint64) error {
			_, err := s.Open(slices.Clone(sealed[number]))
			return err
		}
		for number := uint64(65000); number < 67000; number += 2 {
			if err := open(number); err != nil {
				t.Fatalf("%d: %v", number, err)
			}
		}
		for number := uint64(66998 - openWindow + 1); number < 67000; number++ { // late ones once, all others never
			switch err := open(number); {
			case number%2 == 1 && err != nil:
				t.Fatalf("late %d: %v", number, err)
			case number%2 == 0 && !errors.Is(err, ErrReplay):
				t.Fatalf("again %d: %v", number, err)
			}
		}
		for _, number := range []uint64{66998, 66999, 66999 - openWindow, 65001, 64999} {
			if err := open(number); !errors.Is(err, ErrReplay) {
				t.Errorf("%d: %v", number, err)
			}
		}
	})
}

func TestOpen_RemembersNothingOfForgeries(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, _, seals := session(t, profile)
		plain, _ := plainRTP(t, 9, 70)
		genuine, err := seals.EncryptRTP(nil, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		for at := range genuine {
			forged := slices.Clone(genuine)
			forged[at] ^= 0x20
			if _, err := s.Open(forged); !errors.Is(err, ErrForged) && !errors.Is(err, ErrMalformed) {
				t.Fatalf("byte %d: %v", at, err)
			}
		}
		if len(s.arrived) != 0 {
			t.Fatal("a forgery made a stream known")
		}
		if got, err := s.Open(genuine); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("the genuine packet after its forgeries: %v", err)
		}
		ahead, _ := plainRTP(t, 9, 20000) // a forgery must not move the window either
		ahead = append(ahead, make([]byte, 16)...)
		if _, err := s.Open(ahead); !errors.Is(err, ErrForged) {
			t.Fatal(err)
		}
		if newest := s.arrived[9].newest; newest != 70 {
			t.Errorf("newest %d", newest)
		}
	})
}

func TestSession_BoundsHowManyStreamsItRemembers(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, _, seals := session(t, profile)
		open := func(ssrc uint32, number uint64) error {
			plain, _ := plainRTP(t, ssrc, number)
			sealed, err := seals.EncryptRTP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Open(sealed)
			return err
		}
		report := func(ssrc uint32) error {
			sealed, err := seals.EncryptRTCP(nil, plainRTCP(t, ssrc), nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.OpenRTCP(sealed)
			return err
		}
		for ssrc := range uint32(MaxStreams) {
			if err := errors.Join(open(ssrc, 1), report(ssrc)); err != nil {
				t.Fatal(err)
			}
		}
		if err := open(MaxStreams, 1); !errors.Is(err, ErrTooManyStreams) {
			t.Error(err)
		}
		if err := report(MaxStreams); !errors.Is(err, ErrTooManyStreams) {
			t.Error(err)
		}
		if err := errors.Join(open(3, 2), report(3)); err != nil {
			t.Errorf("a known stream when the table is full: %v", err)
		}
	})
}

func TestOpen_RefusesWhatIsNotRTP(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, _, _ := session(t, profile)
		plain, _ := plainRTP(t, 9, 70)
		extended := append([]byte{0x90}, plain[1:]...)
		binary.BigEndian.PutUint16(extended[14:], 500)
		for name, packet := range map[string][]byte{
			"nothing": nil, "a short header": plain[:11], "no tag": plain[:rtpHeader+4],
			"another version": append([]byte{0x40}, plain[1:]...), "too long an extension": extended,
			"too many sources": append([]byte{0x8f}, plain[1:]...),
		} {
			if _, err := s.Open(slices.Clone(packet)); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
