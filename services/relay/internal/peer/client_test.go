package peer

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/rtp"
	pionsrtp "github.com/pion/srtp/v3"
	pionstun "github.com/pion/stun/v4"
	"github.com/pion/transport/v4/packetio"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

// identity is the certificate of all clients: making one costs more than a handshake.
var identity = sync.OnceValues(selfsign.GenerateSelfSigned)

// client is the other end, put together from Pion's parts.
type client struct {
	t             testing.TB
	rig           *rig
	id            string
	peer          *Peer
	ufrag, secret string
	certificate   tls.Certificate
	records       *packetio.Buffer
	secure        *dtls.Conn
	in, out       *pionsrtp.Context
	control       *pionsrtp.Context // of outgoing RTCP
	numbers       uint16            // transport-wide
	audio, video  int
	profiles      []dtls.SRTPProtectionProfile
	confirmed     atomic.Int64                               // answers to checks
	reports       atomic.Int64                               // RTCP packets
	answers       atomic.Int64                               // datagrams of DTLS
	deaf          atomic.Pointer[func(datagram []byte) bool] // to what of them; nil: to none
	up            atomic.Bool                                // in is set
	mu            sync.Mutex
	received      []*rtp.Packet
	broken        int
	ways          []*way
	reading       sync.WaitGroup
	current       atomic.Pointer[way]
}

// way is a socket of a client: UDP, or TCP with frames (RFC 4571).
type way struct{ net.Conn }

func (w *way) tcp() bool { return w.RemoteAddr().Network() == "tcp" }

func (w *way) send(data []byte) {
	if w.tcp() {
		data = append(binary.BigEndian.AppendUint16(nil, uint16(len(data))), data...)
	}
	_, _ = w.Write(data) // a way that is closed loses it, as networks do
}

func (w *way) receive(buffer []byte) (int, error) {
	if !w.tcp() {
		return w.Read(buffer)
	}
	var size [2]byte
	if _, err := io.ReadFull(w.Conn, size[:]); err != nil {
		return 0, err
	}
	return io.ReadFull(w.Conn, buffer[:binary.BigEndian.Uint16(size[:])])
}

// newClient makes an offer and takes the answer. It has no way yet.
func newClient(r *rig, id string) *client {
	r.t.Helper()
	c := &client{t: r.t, rig: r, id: id, ufrag: "clnt", secret: "theSecretOfTheClient12345", audio: 4, video: 2, records: packetio.NewBuffer()}
	var err error
	c.certificate, err = identity()
	must(r.t, err)
	c.profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80}
	r.enter(c)
	digest := sha256.Sum256(c.certificate.Certificate[0])
	print := strings.ReplaceAll(fmt.Sprintf("% X", digest[:]), " ", ":")
	c.peer, _ = r.answer(id, offerText(c.ufrag, c.secret, print, c.audio, c.video))
	return c
}

// join brings a client up over UDP.
func join(r *rig, id string) *client {
	r.t.Helper()
	c := newClient(r, id)
	c.connect()
	return c
}

func (c *client) connect() {
	c.t.Helper()
	c.check(c.open("udp"))
	must(c.t, c.handshake())
}

// open makes another way and reads it.
func (c *client) open(network string) *way {
	c.t.Helper()
	conn, err := net.Dial(network, fmt.Sprintf("127.0.0.1:%d", c.rig.ports.Port()))
	must(c.t, err)
	w := &way{conn}
	c.mu.Lock()
	c.ways = append(c.ways, w)
	c.mu.Unlock()
	c.current.CompareAndSwap(nil, w)
	c.reading.Go(func() { c.read(w) })
	return w
}

// check nominates a way until the relay has confirmed it, and uses it from then on.
func (c *client) check(w *way) {
	c.t.Helper()
	before := c.confirmed.Load()
	testkit.Eventually(c.t, func() bool {
		w.send(c.binding(c.peer.credentials.Password))
		return c.confirmed.Load() > before
	}, "the check is answered")
	c.current.Store(w)
}

// binding is a check with a password, which nominates its way.
func (c *client) binding(password string) []byte {
	m, err := pionstun.Build(pionstun.TransactionID, pionstun.BindingRequest,
		pionstun.NewUsername(c.peer.credentials.Ufrag+":"+c.ufrag),
		pionstun.RawAttribute{Type: pionstun.AttrPriority, Value: []byte{1, 2, 3, 4}},
		pionstun.RawAttribute{Type: pionstun.AttrICEControlling, Value: make([]byte, 8)},
		pionstun.RawAttribute{Type: pionstun.AttrUseCandidate},
		pionstun.NewShortTermIntegrity(password), pionstun.Fingerprint)
	must(c.t, err)
	return m.Raw
}

func (c *client) handshake() (err error) {
	c.secure, err = dtls.ClientWithOptions(records{c}, records{c}.RemoteAddr(),
		dtls.WithCertificates(c.certificate), dtls.WithSRTPProtectionProfiles(c.profiles...),
		dtls.WithInsecureSkipVerify(true), dtls.WithFlightInterval(100*time.Millisecond))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := c.secure.HandshakeContext(ctx); err != nil {
		return err
	}
	profile, _ := c.secure.SelectedSRTPProtectionProfile()
	state, _ := c.secure.ConnectionState()
	config := pionsrtp.Config{Profile: pionsrtp.ProtectionProfile(profile)}
	if err := config.ExtractSessionKeysFromDTLS(&state, true); err != nil {
		return err
	}
	for _, one := range []struct {
		into      **pionsrtp.Context
		key, salt []byte
	}{
		{&c.in, config.Keys.RemoteMasterKey, config.Keys.RemoteMasterSalt},
		{&c.out, config.Keys.LocalMasterKey, config.Keys.LocalMasterSalt},
		{&c.control, config.Keys.LocalMasterKey, config.Keys.LocalMasterSalt},
	} {
		if *one.into, err = pionsrtp.CreateContext(one.key, one.salt, config.Profile); err != nil {
			return err
		}
	}
	c.up.Store(true)
	return nil
}

// read sorts what comes on a way until it is closed.
func (c *client) read(w *way) {
	buffer := make([]byte, 2048)
	for {
		n, err := w.receive(buffer)
		if err != nil {
			return
		}
		data := buffer[:n]
		switch {
		case n < 20:
		case data[0] < 4:
			if binary.BigEndian.Uint16(data) == 0x0101 {
				c.confirmed.Add(1)
			}
		case data[0] < 64:
			c.answers.Add(1)
			if deaf := c.deaf.Load(); deaf == nil || !(*deaf)(data) {
				_, _ = c.records.Write(data)
			}
		case data[1] >= 192 && data[1] <= 223:
			c.reports.Add(1)
		case c.up.Load():
			c.take(data)
		}
	}
}

func (c *client) take(data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	plain, err := c.in.DecryptRTP(nil, data, nil)
	p := &rtp.Packet{}
	if err == nil {
		err = p.Unmarshal(plain)
	}
	if err != nil {
		c.broken++
		return
	}
	c.received = append(c.received, p)
}

// got returns what the client has received in a slot.
func (c *client) got(ssrc uint32) (out []*rtp.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.received {
		if p.SSRC == ssrc {
			out = append(out, p)
		}
	}
	return out
}

// track is what a client sends under one SSRC.
type track struct {
	ssrc        uint32
	payloadType uint8
	mid         string
	rid         string
	repaired    string
	seq         uint16
}

// send seals a packet of a stream and sends it. Every packet says what it belongs to.
func (c *client) send(s *track, payload []byte) { c.current.Load().send(c.seal(s, payload)) }

func (c *client) seal(s *track, payload []byte) []byte {
	h := rtp.Header{Version: 2, SSRC: s.ssrc, PayloadType: s.payloadType, SequenceNumber: s.seq, Timestamp: uint32(s.seq) * 3000, Marker: true}
	for _, one := range []struct {
		id    uint8
		value string
	}{{midID, s.mid}, {ridID, s.rid}, {repairedID, s.repaired}} {
		if one.value != "" {
			must(c.t, h.SetExtension(one.id, []byte(one.value)))
		}
	}
	must(c.t, h.SetExtension(numberID, binary.BigEndian.AppendUint16(nil, c.numbers)))
	c.numbers++
	s.seq++
	raw, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	must(c.t, err)
	sealed, err := c.out.EncryptRTP(nil, raw, nil)
	must(c.t, err)
	return sealed
}

// leave ends the client's side.
func (c *client) leave() {
	c.rig.mu.Lock()
	delete(c.rig.clients, c)
	c.rig.mu.Unlock()
	if c.secure != nil {
		_ = c.secure.Close()
	}
	_ = c.records.Close()
	c.mu.Lock()
	for _, w := range c.ways {
		_ = w.Close()
	}
	c.mu.Unlock()
	c.reading.Wait()
}

// records are the client's DTLS records as the net.PacketConn that DTLS wants.
type records struct{ *client }

func (r records) ReadFrom(to []byte) (int, net.Addr, error) {
	n, err := r.records.Read(to)
	return n, r.RemoteAddr(), err
}

func (r records) WriteTo(data []byte, _ net.Addr) (int, error) {
	r.current.Load().send(data)
	return len(data), nil
}

func (r records) Close() error                      { return r.records.Close() }
func (r records) LocalAddr() net.Addr               { return somewhere{} }
func (r records) RemoteAddr() net.Addr              { return somewhere{} }
func (r records) SetDeadline(t time.Time) error     { return r.records.SetReadDeadline(t) }
func (r records) SetReadDeadline(t time.Time) error { return r.records.SetReadDeadline(t) }
func (records) SetWriteDeadline(time.Time) error    { return nil }
