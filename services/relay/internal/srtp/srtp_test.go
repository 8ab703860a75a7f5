package srtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

var profiles = map[string]dtls.SRTPProtectionProfile{
	"gcm": dtls.SRTP_AEAD_AES_128_GCM,
	"cm":  dtls.SRTP_AES128_CM_HMAC_SHA1_80,
}

func eachProfile(t *testing.T, test func(t *testing.T, profile dtls.SRTPProtectionProfile)) {
	for name, profile := range profiles {
		t.Run(name, func(t *testing.T) { test(t, profile) })
	}
}

// testKeys are different for each direction.
func testKeys(profile dtls.SRTPProtectionProfile) Keys {
	key, salt, err := sizes(profile)
	if err != nil {
		panic(err)
	}
	part := func(fill byte, n int) []byte { return bytes.Repeat([]byte{fill, fill + 1}, n/2) }
	return Keys{
		Profile:  profile,
		LocalKey: part(1, key), LocalSalt: part(3, salt), RemoteKey: part(5, key), RemoteSalt: part(7, salt),
	}
}

// session returns ours, and what pion needs to open what we seal and to seal what we open.
func session(t testing.TB, profile dtls.SRTPProtectionProfile) (s *Session, opens, seals *srtp.Context) {
	t.Helper()
	keys := testKeys(profile)
	s, err := New(keys)
	if err != nil {
		t.Fatal(err)
	}
	return s, pionContext(t, profile, keys.LocalKey, keys.LocalSalt), pionContext(t, profile, keys.RemoteKey, keys.RemoteSalt)
}

func pionContext(t testing.TB, profile dtls.SRTPProtectionProfile, key, salt []byte) *srtp.Context {
	t.Helper()
	c, err := srtp.CreateContext(key, salt, srtp.ProtectionProfile(profile),
		srtp.SRTPReplayProtection(4096), srtp.SRTCPReplayProtection(4096))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// plainRTP is a packet with a header extension, whose payload tells its number.
func plainRTP(t testing.TB, ssrc uint32, number uint64) (packet []byte, header int) {
	t.Helper()
	p := rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: number%3 == 0, PayloadType: 96, SequenceNumber: uint16(number),
			Timestamp: uint32(number) * 3000, SSRC: ssrc,
		},
		Payload: fmt.Appendf(nil, "packet %d of %d", number, ssrc),
	}
	if number%2 == 0 {
		if err := p.SetExtension(3, []byte{byte(number), 7}); err != nil {
			t.Fatal(err)
		}
	}
	packet, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return packet, p.Header.MarshalSize()
}

// seal seals packet number of the stream and returns it with what it was.
func seal(t testing.TB, s *Session, ssrc uint32, number uint64) (sealed, plain []byte, err error) {
	t.Helper()
	stream := s.Stream(ssrc)
	plain, header := plainRTP(t, ssrc, number)
	sealed = append(slices.Clone(plain), make([]byte, stream.Overhead())...)
	return sealed, plain, stream.Seal(sealed, header)
}

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
	if s.Stream(1) != s.Stream(1) || s.Stream(1) == s.Stream(2) {
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

func plainRTCP(t testing.TB, ssrc uint32) []byte {
	t.Helper()
	plain, err := rtcp.Marshal([]rtcp.Packet{
		&rtcp.ReceiverReport{SSRC: ssrc, Reports: []rtcp.ReceptionReport{{SSRC: 77, FractionLost: 5}}},
		&rtcp.PictureLossIndication{SenderSSRC: ssrc, MediaSSRC: 77},
	})
	if err != nil {
		t.Fatal(err)
	}
	return plain
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
