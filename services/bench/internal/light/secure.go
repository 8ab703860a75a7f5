package light

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v4/packetio"
)

// handshakeRetry is the first DTLS retransmission, about that of browsers.
const handshakeRetry = 100 * time.Millisecond

// identity is the certificate of all clients of a process: making one costs more than a handshake.
type identity struct {
	certificate tls.Certificate
	fingerprint string
}

var certificate = sync.OnceValues(func() (identity, error) {
	c, err := selfsign.GenerateSelfSigned()
	if err != nil {
		return identity{}, fmt.Errorf("make certificate: %w", err)
	}
	print, err := fingerprintOf(c.Certificate[0])
	return identity{c, print}, err
})

func fingerprintOf(der []byte) (string, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return "", err
	}
	return fingerprint.Fingerprint(c, crypto.SHA256)
}

// datagrams is the DTLS records' way: what the demultiplexer puts in, and the socket.
type datagrams struct {
	in     *packetio.Buffer
	socket net.Conn
}

func (d datagrams) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := d.in.Read(p)
	return n, d.socket.RemoteAddr(), err
}

func (d datagrams) WriteTo(p []byte, _ net.Addr) (int, error) { return d.socket.Write(p) }

func (d datagrams) Close() error                      { return d.in.Close() }
func (d datagrams) LocalAddr() net.Addr               { return d.socket.LocalAddr() }
func (d datagrams) SetDeadline(t time.Time) error     { return d.in.SetReadDeadline(t) }
func (d datagrams) SetReadDeadline(t time.Time) error { return d.in.SetReadDeadline(t) }
func (d datagrams) SetWriteDeadline(time.Time) error  { return nil }

var errForeignCertificate = errors.New("the server's certificate is not the one of the answer")

// handshake makes the DTLS connection as its client.
func handshake(ctx context.Context, way datagrams, own tls.Certificate, remote string, profiles []dtls.SRTPProtectionProfile) (*dtls.Conn, error) {
	conn, err := dtls.ClientWithOptions(way, way.socket.RemoteAddr(),
		dtls.WithCertificates(own),
		dtls.WithSRTPProtectionProfiles(profiles...),
		dtls.WithInsecureSkipVerify(true), // the fingerprint is what is verified
		dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error {
			got, err := fingerprintOf(raw[0])
			if err != nil || !strings.EqualFold(got, remote) {
				return errors.Join(errForeignCertificate, err)
			}
			return nil
		}),
		dtls.WithFlightInterval(handshakeRetry),
	)
	if err != nil {
		return nil, fmt.Errorf("DTLS: %w", err)
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("DTLS handshake: %w", err), conn.Close())
	}
	return conn, nil
}

// keys are the SRTP contexts of both directions.
type keys struct {
	profile    srtp.ProtectionProfile
	in         *srtp.Context // of the reading goroutine
	sending    sync.Mutex
	out        *srtp.Context // guarded by sending
	inControl  *srtp.Context // of the reading goroutine
	outControl *srtp.Context // guarded by sending
}

func exportKeys(conn *dtls.Conn) (*keys, error) {
	profile, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return nil, errors.New("no SRTP profile agreed")
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return nil, errors.New("no DTLS state")
	}
	c := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := c.ExtractSessionKeysFromDTLS(&state, true); err != nil {
		return nil, fmt.Errorf("export keys: %w", err)
	}
	k := &keys{profile: c.Profile}
	for _, one := range []struct {
		into      **srtp.Context
		key, salt []byte
	}{
		{&k.in, c.Keys.RemoteMasterKey, c.Keys.RemoteMasterSalt}, {&k.inControl, c.Keys.RemoteMasterKey, c.Keys.RemoteMasterSalt},
		{&k.out, c.Keys.LocalMasterKey, c.Keys.LocalMasterSalt}, {&k.outControl, c.Keys.LocalMasterKey, c.Keys.LocalMasterSalt},
	} {
		var err error
		if *one.into, err = srtp.CreateContext(one.key, one.salt, c.Profile); err != nil {
			return nil, fmt.Errorf("SRTP: %w", err)
		}
	}
	return k, nil
}
