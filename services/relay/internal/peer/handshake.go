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
	"time"

	"github.com/pion/dtls/v3"

	"github.com/tongke-edu/tongke/services/relay/internal/record"
	"github.com/tongke-edu/tongke/services/relay/internal/srtp"
)

const (
	// handshakeRetry is the interval of DTLS retransmissions: with 1 s every tenth join at 10 % loss takes 3.5 s.
	handshakeRetry = 100 * time.Millisecond
	// handshakeTimeout ends a handshake that comes to nothing.
	handshakeTimeout = 15 * time.Second
	// certificateLife is the validity of the relay's certificate: it lives as long as the process.
	certificateLife = 365 * 24 * time.Hour
)

var (
	errFingerprint = errors.New("certificate does not have the fingerprint of the offer")
	errNoProfile   = errors.New("no profile for media was agreed")
)

// shakeHands runs the DTLS handshake as its server. Of one that fails nothing is left.
func (p *Peer) shakeHands(over *pipe) (*dtls.Conn, error) {
	conn, err := dtls.ServerWithOptions(over, over.RemoteAddr(),
		dtls.WithCertificates(p.hub.certificate.Certificate),
		dtls.WithCipherSuites(record.Suite),
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
	ctx, cancel := context.WithTimeout(p.context, handshakeTimeout)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // it fails again
		return nil, err
	}
	return conn, nil
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
		return errNoProfile
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

// takeUp goes on where Pion's connection stopped. What that may seal from now on, for its goroutines end a little after
// Close, goes nowhere: the numbers that it used before are known, and no other ever leaves twice.
func takeUp(conn *dtls.Conn, over *pipe) (*record.Layer, error) {
	over.silence()
	_ = conn.Close() // its goodbye goes nowhere either
	state, _ := conn.ConnectionState()
	keys, err := record.Export(&state)
	if err != nil {
		return nil, err
	}
	return record.New(keys)
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
