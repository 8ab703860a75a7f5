package srtp

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"
)

func TestSealRTCP_IsUnderstoodByPion(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, opens, _ := session(t, profile)
		for round := range 300 {
			for _, ssrc := range []uint32{1, 0xfedcba98} {
				plain := plainRTCP(t, ssrc)
				dst := []byte("before")
				if round%2 == 0 {
					dst = nil
				}
				sealed, err := s.SealRTCP(dst, plain)
				if err != nil || !bytes.HasPrefix(sealed, dst) {
					t.Fatal(err)
				}
				if got, err := opens.DecryptRTCP(nil, sealed[len(dst):], nil); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%x %v, want %x", got, err, plain)
				}
			}
		}
	})
}

func TestSealRTCP_WorksInPlace(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, opens, _ := session(t, profile)
		plain := plainRTCP(t, 5)
		packet := append(make([]byte, 0, 1500), plain...)
		sealed, err := s.SealRTCP(packet[:0], packet)
		if err != nil || &sealed[0] != &packet[0] {
			t.Fatalf("%v, or not in place", err)
		}
		if got, err := opens.DecryptRTCP(nil, sealed, nil); err != nil || !bytes.Equal(got, plain) {
			t.Fatal(err)
		}
	})
}

func TestOpenRTCP_UnderstandsPionAndRefusesReplays(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, _, seals := session(t, profile)
		var sealed [][]byte
		plain := plainRTCP(t, 5)
		for range 2 * rtcpWindow {
			packet, err := seals.EncryptRTCP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			sealed = append(sealed, packet)
		}
		open := func(i int) error {
			got, err := s.OpenRTCP(slices.Clone(sealed[i]))
			if err == nil && !bytes.Equal(got, plain) {
				t.Fatalf("%d: %x", i, got)
			}
			return err
		}
		for i := 1; i < len(sealed); i += 2 {
			if err := open(i); err != nil {
				t.Fatal(i, err)
			}
		}
		for i := len(sealed) - rtcpWindow; i < len(sealed); i++ {
			if err := open(i); (i%2 == 0 && err != nil) || (i%2 == 1 && !errors.Is(err, ErrReplay)) {
				t.Fatal(i, err)
			}
		}
		for _, i := range []int{0, 1, 2, len(sealed) - 1, len(sealed) - 2} {
			if err := open(i); !errors.Is(err, ErrReplay) {
				t.Error(i, err)
			}
		}
	})
}

func TestOpenRTCP_RemembersNothingOfForgeries(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, _, seals := session(t, profile)
		genuine, err := seals.EncryptRTCP(nil, plainRTCP(t, 5), nil)
		if err != nil {
			t.Fatal(err)
		}
		for at := range genuine {
			forged := slices.Clone(genuine)
			forged[at] ^= 0x80
			if _, err := s.OpenRTCP(forged); !errors.Is(err, ErrForged) && !errors.Is(err, ErrMalformed) {
				t.Fatalf("byte %d: %v", at, err)
			}
		}
		for size := range genuine {
			if _, err := s.OpenRTCP(slices.Clone(genuine[:size])); !errors.Is(err, ErrForged) && !errors.Is(err, ErrMalformed) {
				t.Fatalf("%d bytes: %v", size, err)
			}
		}
		if len(s.reported) != 0 {
			t.Fatal("a forgery made a stream known")
		}
		if _, err := s.OpenRTCP(genuine); err != nil {
			t.Error(err)
		}
	})
}

func TestOpenRTCP_RefusesPacketsInTheClear(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		keys := testKeys(profile)
		s, err := New(keys)
		if err != nil {
			t.Fatal(err)
		}
		clearly, err := srtp.CreateContext(keys.RemoteKey, keys.RemoteSalt, srtp.ProtectionProfile(profile), srtp.SRTCPNoEncryption())
		if err != nil {
			t.Fatal(err)
		}
		packet, err := clearly.EncryptRTCP(nil, plainRTCP(t, 5), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.OpenRTCP(packet); !errors.Is(err, ErrMalformed) {
			t.Error(err)
		}
	})
}

func TestSealRTCP_MayBeCalledByAnybody(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		s, opens, _ := session(t, profile)
		sealed := make([][][]byte, 4)
		var group sync.WaitGroup
		for i := range sealed {
			group.Go(func() {
				for range 50 {
					packet, err := s.SealRTCP(nil, plainRTCP(t, 5))
					if err != nil {
						t.Error(err)
						return
					}
					sealed[i] = append(sealed[i], packet)
				}
			})
		}
		group.Wait()
		for _, packet := range slices.Concat(sealed...) { // pion refuses an index that comes twice
			if _, err := opens.DecryptRTCP(nil, packet, nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}
