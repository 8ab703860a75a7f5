package peer

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/transport/v4/packetio"

	"github.com/tongke-edu/tongke/services/relay/internal/srtp"
)

const (
	// handshakeRetry is the interval of DTLS retransmissions: with 1 s every tenth join at 10 % loss takes 3.5 s.
	handshakeRetry = 100 * time.Millisecond
	// handshakeTimeout ends a handshake that comes to nothing.
	handshakeTimeout = 15 * time.Second
	// maxWaiting bounds in bytes what a client may send over DTLS faster than it is read.
	maxWaiting = 128 << 10
	// certificateLife is the validity of the relay's certificate: it lives as long as the process.
	certificateLife = 365 * 24 * time.Hour
)

var errFingerprint = errors.New("certificate does not have the fingerprint of the offer")

// shakeHands runs the DTLS handshake as its server.
func (p *Peer) shakeHands() (*dtls.Conn, error) {
	conn, err := dtls.ServerWithOptions(p.handshake, p.handshake.RemoteAddr(),
		dtls.WithCertificates(p.hub.certificate.Certificate),
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithInsecureSkipVerify(true), // the fingerprint is the proof (RFC 8827 section 6.5)
		dtls.WithVerifyPeerCertificate(p.verify),
		// Chromium as DTLS server would choose AES-CM with SHA-1, at twice the cost; as client it takes our first.
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithFlightInterval(handshakeRetry),
		dtls.WithInsecureSkipVerifyHello(true), // a valid connectivity check has proved the address
		dtls.WithLoggerFactory(p.hub.logs),
	)
	if err != nil {
		return nil, err
	}
	p.closing.Lock()
	p.secure = conn
	p.closing.Unlock()
	ctx, cancel := context.WithTimeout(p.context, handshakeTimeout)
	defer cancel()
	return conn, conn.HandshakeContext(ctx)
}

func (p *Peer) verify(certificates [][]byte, _ [][]*x509.Certificate) error {
	if len(certificates) == 0 {
		return errFingerprint
	}
	if digest := sha256.Sum256(certificates[0]); !bytes.Equal(digest[:], p.shape.Fingerprint[:]) {
		return errFingerprint
	}
	return nil
}

// carryMedia takes the keys of media out of the handshake: from now on packets can be opened and sealed.
func (p *Peer) carryMedia(conn *dtls.Conn) error {
	profile, ok := conn.SelectedSRTPProtectionProfile()
	state, known := conn.ConnectionState()
	if !ok || !known {
		return errors.New("no profile was agreed")
	}
	keys, err := srtp.Export(&state, profile, true)
	if err != nil {
		return err
	}
	session, err := srtp.New(keys)
	if err != nil {
		return err
	}
	p.begin(session)
	audio, video := p.outputs(session)
	p.connection.Connected(audio, video, p.agreed.Extensions.TransportCC != 0)
	return nil
}

// certificate identifies the relay in all handshakes.
type certificate struct {
	tls.Certificate
	fingerprint [sha256.Size]byte
}

func newCertificate() (certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return certificate{}, err
	}
	now := time.Now()
	template := x509.Certificate{
		SerialNumber: serial, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(certificateLife), // clocks differ
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return certificate{}, err
	}
	return certificate{
		Certificate: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		fingerprint: sha256.Sum256(der),
	}, nil
}

// pipe is the DTLS part of what a peer sends and receives, as the net.PacketConn that DTLS wants.
type pipe struct {
	*packetio.Buffer
	peer *Peer
}

func newPipe(p *Peer) *pipe {
	b := &pipe{packetio.NewBuffer(), p}
	b.SetLimitSize(maxWaiting)
	return b
}

// receiveRecord hands a datagram to DTLS, if it is not one too many.
func (p *Peer) receiveRecord(data []byte, now time.Time) {
	p.reading.Lock()
	ok := p.reading.records.admits(now, data)
	p.reading.Unlock()
	if !ok {
		p.connection.Refused(1)
		return
	}
	p.handshake.push(data)
}

// push hands a datagram to DTLS. What it cannot hold is lost, as on any network.
func (b *pipe) push(data []byte) { _, _ = b.Write(data) }

func (b *pipe) ReadFrom(to []byte) (int, net.Addr, error) {
	n, err := b.Read(to)
	return n, b.RemoteAddr(), err
}

func (b *pipe) WriteTo(data []byte, _ net.Addr) (int, error) {
	// DTLS sends again what is lost, and must not give up over a way that is closed for the moment.
	_ = b.peer.hub.ports.Send(b.peer.way(), data)
	return len(data), nil
}

// Close ends reading; the sockets are not the pipe's.
func (b *pipe) Close() error { return b.Buffer.Close() }

func (b *pipe) LocalAddr() net.Addr  { return somewhere{} }
func (b *pipe) RemoteAddr() net.Addr { return somewhere{} }

func (b *pipe) SetDeadline(t time.Time) error    { return b.SetReadDeadline(t) }
func (b *pipe) SetWriteDeadline(time.Time) error { return nil }

// somewhere stands for an address that changes with the way.
type somewhere struct{}

func (somewhere) Network() string { return "ice" }
func (somewhere) String() string  { return "peer" }
