package peer

import (
	"errors"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	pionsrtp "github.com/pion/srtp/v3"

	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/srtp"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

func TestEarly_PacketsFromBeforeTheKeysAreKeptAndGoFirst(t *testing.T) {
	r := newRig(t)
	teacher := newClient(r, "teacher")
	key, salt := []byte("0123456789abcdef"), []byte("0123456789ab")
	var err error
	teacher.out, err = pionsrtp.CreateContext(key, salt, pionsrtp.ProtectionProfileAeadAes128Gcm)
	must(t, err)
	s := camera("q")
	sealed := make([][]byte, maxEarly+8)
	for n := range sealed {
		sealed[n] = teacher.seal(s, keyframe(byte(n)))
		received := append([]byte(nil), sealed[n]...)
		teacher.peer.receiveRTP(&wire.Datagram{Data: received, At: time.Now()}, time.Now(), nil, nil)
		clear(received) // the socket reads the next datagram into the same memory
	}
	session, err := srtp.New(srtp.Keys{
		Profile: dtls.SRTP_AEAD_AES_128_GCM, LocalKey: key, LocalSalt: salt, RemoteKey: key, RemoteSalt: salt,
	})
	must(t, err)
	teacher.peer.begin(session)
	if known, ok := teacher.known(s.ssrc); !ok || known.layer == nil {
		t.Fatal("the stream is not known")
	}
	for n, packet := range sealed {
		_, err := session.Open(packet)
		if kept := errors.Is(err, srtp.ErrReplay); kept != (n < maxEarly) {
			t.Errorf("packet %d: kept %v", n, kept)
		}
	}
	if teacher.peer.reading.early != nil {
		t.Error("the memory of early packets is not given back")
	}
}

func TestEarly_TheFirstPacketOfAClientIsNotLost(t *testing.T) {
	r := newRig(t)
	for range 20 {
		teacher := join(r, "teacher")
		teacher.send(camera("q"), keyframe(1)) // in the moment in which its keys are there
		testkit.Eventually(t, func() bool { known, ok := teacher.known(camera("q").ssrc); return ok && known.layer != nil }, "the first packet")
		teacher.leave()
	}
}
