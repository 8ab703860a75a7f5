package srtp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/srtp/v3"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

// handshake returns the state of both ends of a DTLS connection over loopback.
func handshake(t *testing.T, profile dtls.SRTPProtectionProfile) (client, server *dtls.State) {
	t.Helper()
	certificate, err := selfsign.GenerateSelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	shared := []dtls.Option{
		dtls.WithCertificates(certificate), dtls.WithInsecureSkipVerify(true),
		dtls.WithSRTPProtectionProfiles(profile), dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
	}
	var asServer []dtls.ServerOption
	var asClient []dtls.ClientOption
	for _, option := range shared {
		asServer, asClient = append(asServer, option), append(asClient, option)
	}
	a, b := listen(t), listen(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	accepted := make(chan *dtls.State, 1)
	go func() {
		accepted <- stateOf(ctx, t, func() (*dtls.Conn, error) {
			return dtls.ServerWithOptions(b, a.LocalAddr(), asServer...)
		})
	}()
	client = stateOf(ctx, t, func() (*dtls.Conn, error) {
		return dtls.ClientWithOptions(a, b.LocalAddr(), asClient...)
	})
	server = testkit.Receive(t, accepted, "the server's handshake has ended")
	if client == nil || server == nil {
		t.FailNow()
	}
	return client, server
}

func listen(t *testing.T) net.PacketConn {
	t.Helper()
	socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket
}

func stateOf(ctx context.Context, t *testing.T, dial func() (*dtls.Conn, error)) *dtls.State {
	conn, err := dial()
	if err == nil {
		t.Cleanup(func() { conn.Close() })
		err = conn.HandshakeContext(ctx)
	}
	if err != nil {
		t.Error(err)
		return nil
	}
	state, _ := conn.ConnectionState()
	return &state
}

func TestExport_GivesBothEndsOfAHandshakeTheSameKeys(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		testkit.NoLeaks(t)
		client, server := handshake(t, profile)
		ours, err := Export(server, profile, true)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := Export(client, profile, false)
		if err != nil {
			t.Fatal(err)
		}
		for name, pair := range map[string][2][]byte{
			"our key": {ours.LocalKey, theirs.RemoteKey}, "our salt": {ours.LocalSalt, theirs.RemoteSalt},
			"their key": {ours.RemoteKey, theirs.LocalKey}, "their salt": {ours.RemoteSalt, theirs.LocalSalt},
		} {
			if !bytes.Equal(pair[0], pair[1]) {
				t.Errorf("%s differs", name)
			}
		}
		if bytes.Equal(ours.LocalKey, ours.RemoteKey) {
			t.Error("one key for both directions")
		}
		pion := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
		if err := pion.ExtractSessionKeysFromDTLS(server, false); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(pion.Keys.LocalMasterKey, ours.LocalKey) || !bytes.Equal(pion.Keys.LocalMasterSalt, ours.LocalSalt) ||
			!bytes.Equal(pion.Keys.RemoteMasterKey, ours.RemoteKey) || !bytes.Equal(pion.Keys.RemoteMasterSalt, ours.RemoteSalt) {
			t.Error("pion takes other keys")
		}
		if _, err := New(ours); err != nil {
			t.Error(err)
		}
	})
}

func TestNew_RefusesKeysThatDoNotFit(t *testing.T) {
	eachProfile(t, func(t *testing.T, profile dtls.SRTPProtectionProfile) {
		short := testKeys(profile)
		short.LocalKey = short.LocalKey[1:]
		unsalted := testKeys(profile)
		unsalted.RemoteSalt = nil
		other := testKeys(profile)
		other.Profile = dtls.SRTP_AEAD_AES_256_GCM
		for _, keys := range []Keys{short, unsalted, other, {}} {
			if s, err := New(keys); !errors.Is(err, ErrProfile) || s != nil {
				t.Errorf("%v", err)
			}
		}
	})
	if _, err := Export(nil, dtls.SRTP_AEAD_AES_256_GCM, true); !errors.Is(err, ErrProfile) {
		t.Error(err)
	}
}
