package srtp

import (
	"bytes"
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
