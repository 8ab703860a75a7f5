package srtp

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"
)

const mtu = 1200

// frame is a packet of a usual size with room for any profile.
func frame(ssrc uint32) []byte {
	packet := make([]byte, mtu, mtu+64)
	packet[0], packet[1] = 0x80, 96
	binary.BigEndian.PutUint32(packet[8:], ssrc)
	return packet
}

func number(packet []byte, n int) { binary.BigEndian.PutUint16(packet[2:], uint16(n)) }

func TestGCM_AllocatesNothingPerPacket(t *testing.T) {
	ours, theirs := bothEnds(t, dtls.SRTP_AEAD_AES_128_GCM)
	stream, packet, n := ours.Stream(9), frame(9)[:mtu+tagSize], 1
	report, buffer := plainRTCP(t, 9), make([]byte, 0, 1500)
	if allocations := testing.AllocsPerRun(1000, func() {
		number(packet, n)
		n++
		if stream.Seal(packet, rtpHeader) != nil {
			t.Fatal("not sealed")
		}
		if _, err := theirs.Open(packet); err != nil {
			t.Fatal(err)
		}
		sealed, err := ours.SealRTCP(buffer, report)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := theirs.OpenRTCP(sealed); err != nil {
			t.Fatal(err)
		}
	}); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func TestGCM_AllocatesNothingForForgeries(t *testing.T) {
	s, _ := bothEnds(t, dtls.SRTP_AEAD_AES_128_GCM)
	packet := frame(9)
	if allocations := testing.AllocsPerRun(1000, func() {
		if _, err := s.Open(packet); !errors.Is(err, ErrForged) {
			t.Fatal(err)
		}
		packet[len(packet)-indexSize] = 0x80
		if _, err := s.OpenRTCP(packet); !errors.Is(err, ErrForged) {
			t.Fatal(err)
		}
	}); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

// bothEnds returns two sessions that talk to each other.
func bothEnds(t testing.TB, profile dtls.SRTPProtectionProfile) (a, b *Session) {
	t.Helper()
	keys := testKeys(profile)
	a, err := New(keys)
	if err != nil {
		t.Fatal(err)
	}
	keys.LocalKey, keys.RemoteKey = keys.RemoteKey, keys.LocalKey
	keys.LocalSalt, keys.RemoteSalt = keys.RemoteSalt, keys.LocalSalt
	b, err = New(keys)
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

func eachProfileOf(b *testing.B, bench func(b *testing.B, profile dtls.SRTPProtectionProfile)) {
	for name, profile := range profiles {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(mtu)
			b.ReportAllocs()
			bench(b, profile)
		})
	}
}

func BenchmarkSeal(b *testing.B) {
	eachProfileOf(b, func(b *testing.B, profile dtls.SRTPProtectionProfile) {
		s, _ := bothEnds(b, profile)
		stream := s.Stream(9)
		packet := frame(9)
		packet = packet[:mtu+stream.Overhead()]
		for n := 1; b.Loop(); n++ {
			number(packet, n)
			if err := stream.Seal(packet, rtpHeader); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSealByPion is what Seal takes the place of.
func BenchmarkSealByPion(b *testing.B) {
	eachProfileOf(b, func(b *testing.B, profile dtls.SRTPProtectionProfile) {
		keys := testKeys(profile)
		context, err := srtp.CreateContext(keys.LocalKey, keys.LocalSalt, srtp.ProtectionProfile(profile))
		if err != nil {
			b.Fatal(err)
		}
		packet := frame(9)
		for n := 1; b.Loop(); n++ {
			number(packet, n)
			if _, err := context.EncryptRTP(packet, packet, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	eachProfileOf(b, func(b *testing.B, profile dtls.SRTPProtectionProfile) {
		ours, theirs := bothEnds(b, profile)
		stream := ours.Stream(9)
		sealed := make([][]byte, 4096)
		var packet [mtu + 64]byte
		for n := 0; b.Loop(); n++ {
			if n%len(sealed) == 0 {
				b.StopTimer()
				for i := range sealed {
					fresh := frame(9)
					sealed[i] = fresh[:mtu+stream.Overhead()]
					number(sealed[i], n+i)
					if err := stream.Seal(sealed[i], rtpHeader); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
			}
			if _, err := theirs.Open(packet[:copy(packet[:], sealed[n%len(sealed)])]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen_Forgery(b *testing.B) {
	eachProfileOf(b, func(b *testing.B, profile dtls.SRTPProtectionProfile) {
		s, _ := bothEnds(b, profile)
		packet := frame(9)
		for b.Loop() {
			if _, err := s.Open(packet); err == nil {
				b.Fatal("accepted")
			}
		}
	})
}
