package light

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/transport/v4/packetio"
)

// senders is the number of sections of the offer that send.
const senders = 4

// Params of a connection.
type Params struct {
	// Exchange gives an offer to the server and returns its answer.
	Exchange func(ctx context.Context, offer string) (answer string, err error)
	// Through is an address to send to instead of the answer's, such as that of an impairer.
	Through netip.AddrPort
	// AudioSlots (1..4) and VideoSlots (1..10) are the receiving sections.
	AudioSlots, VideoSlots int
	// Profiles in order of preference; by default AES-128-GCM, then AES-128-CM.
	Profiles []dtls.SRTPProtectionProfile
	// Publish is what the client sends; nil for nothing.
	Publish *Publication
	// NACK asks for lost packets and for keyframes.
	NACK bool
	// Thorough decrypts every packet and plays the decoder.
	Thorough bool
	// Delay is told how long each checked packet was under way; it is called by the reading goroutines.
	Delay func(time.Duration)
	// Rest is how long the socket is left alone after each read: many clients then cost the machine less. Arrivals are
	// the kernel's times all the same; answers and questions of the client are late by as much.
	Rest time.Duration
}

// Client is one connection that is up.
type Client struct {
	params    Params
	began     time.Time
	socket    *socket
	records   *packetio.Buffer // DTLS that came in
	way       *way
	dtls      *dtls.Conn
	keys      *keys
	receiver  *receiver
	publisher *publisher
	up        chan struct{} // closed when the keys are known
	ended     chan struct{} // closed when the control channel has ended
	early     []datagram    // media from before then; of the reading goroutine

	cancel context.CancelFunc
	wg     sync.WaitGroup
	once   sync.Once
}

// Join makes an offer, takes the answer, and returns when media can flow. The control channel opens meanwhile.
func Join(ctx context.Context, p Params) (*Client, error) {
	if p.Profiles == nil {
		p.Profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80}
	}
	own, err := certificate()
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &Client{
		params: p, began: time.Now(), records: packetio.NewBuffer(), publisher: newPublisher(p.Publish),
		up: make(chan struct{}), ended: make(chan struct{}), cancel: cancel,
	}
	if err := c.join(ctx, running, own); err != nil {
		c.Close()
		return nil, fmt.Errorf("join: %w", err)
	}
	return c, nil
}

func (c *Client) join(ctx, running context.Context, own identity) error {
	offer := offered{
		ufrag: iceChars(8), password: iceChars(24), fingerprint: own.fingerprint,
		audioSlots: c.params.AudioSlots, videoSlots: c.params.VideoSlots,
	}
	c.publisher.describe(&offer)
	text, err := c.params.Exchange(ctx, offer.text())
	if err != nil {
		return err
	}
	answer, err := parseAnswer(text, offer.sections())
	if err != nil {
		return err
	}
	if err := c.connect(answer); err != nil {
		return err
	}
	c.way = newWay(agreedCredentials{offer.ufrag, offer.password}, agreedCredentials{answer.ufrag, answer.password},
		func(data []byte) error { _, err := c.socket.conn.Write(data); return err })
	c.receiver = newReceiver(c.params, answer)
	c.publisher.agree(c, answer)
	c.wg.Go(func() { c.socket.read(c.demultiplex, c.params.Rest) })
	if err := c.way.find(ctx); err != nil {
		return err
	}
	c.dtls, err = handshake(ctx, datagrams{c.records, c.socket.conn}, own.certificate, answer.fingerprint, c.params.Profiles)
	if err != nil {
		return err
	}
	if c.keys, err = exportKeys(c.dtls); err != nil {
		return err
	}
	close(c.up)
	c.wg.Go(func() { c.report(running) })
	c.wg.Go(func() { c.converse(running) })
	if c.publisher != nil {
		c.wg.Go(func() { c.publisher.run(running) })
	}
	return nil
}

// iceChars makes a secret of n ICE characters (RFC 8839 section 5.4).
func iceChars(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[rand.N(len(alphabet))]) // a load generator's secrets guard nothing
	}
	return b.String()
}

func (c *Client) connect(a agreed) (err error) {
	to := c.params.Through
	if !to.IsValid() {
		to = a.candidate
	}
	if !to.IsValid() {
		return fmt.Errorf("%w: no candidate over UDP", errAnswer)
	}
	c.socket, err = dial(to)
	return err
}

// demultiplex sorts datagrams by their first byte (RFC 7983).
func (c *Client) demultiplex(data []byte, at time.Time) {
	switch {
	case len(data) == 0:
	case data[0] < 4:
		_ = c.way.take(data, time.Now()) // a forged or late answer changes nothing
	case data[0] >= 20 && data[0] < 64:
		_, _ = c.records.Write(data) // full: DTLS repeats
	case data[0] >= 128 && data[0] < 192:
		c.secured(data, at)
	}
}

// datagram is one that waits.
type datagram struct {
	data []byte
	at   time.Time
}

// maxEarly bounds what waits for the end of the handshake: a server is ready a little before its client.
const maxEarly = 128

// secured handles SRTP and SRTCP.
func (c *Client) secured(data []byte, at time.Time) {
	select {
	case <-c.up:
	default:
		if len(c.early) < maxEarly {
			c.early = append(c.early, datagram{append([]byte(nil), data...), at})
		}
		return
	}
	for _, d := range c.early {
		c.open(d.data, d.at)
	}
	c.early = nil
	c.open(data, at)
}

func (c *Client) open(data []byte, at time.Time) {
	if isRTCP(data) {
		c.takeRTCP(data, at)
	} else {
		c.receiver.take(c.keys, data, at)
	}
}

// converse opens the control channel and speaks on it until ctx ends.
func (c *Client) converse(ctx context.Context) {
	control, err := openControl(c)
	if err != nil {
		return // the connection ends, or the server speaks no SCTP
	}
	c.wg.Go(func() {
		control.read()
		close(c.ended)
	})
	select {
	case <-ctx.Done():
	case <-control.hello:
	case <-time.After(time.Second): // a server without messages of its own
	}
	control.beat(ctx, c.publisher != nil)
	_ = control.association.Close()
}

// SetSending pauses what the client publishes, or lets it go on with a keyframe.
func (c *Client) SetSending(sending bool) {
	if c.publisher != nil {
		c.publisher.paused.Store(!sending)
	}
}

// Sent is how many packets of media the client has sent.
func (c *Client) Sent() uint64 {
	if c.publisher == nil {
		return 0
	}
	return c.publisher.sent.Load()
}

// Ended is closed when the control channel that was open has ended, by whichever side.
func (c *Client) Ended() <-chan struct{} { return c.ended }

// AwaitMedia waits for the first packet and returns how long it took from before the offer.
func (c *Client) AwaitMedia(ctx context.Context) (time.Duration, error) {
	return c.await(ctx, c.receiver.firstMedia, &c.receiver.media, "no packet came")
}

// AwaitFrame waits for the first whole keyframe and returns how long it took from before the offer.
func (c *Client) AwaitFrame(ctx context.Context) (time.Duration, error) {
	return c.await(ctx, c.receiver.firstFrame, &c.receiver.frame, "no whole keyframe came")
}

func (c *Client) await(ctx context.Context, happened <-chan struct{}, at *time.Time, otherwise string) (time.Duration, error) {
	select {
	case <-happened:
		c.receiver.mu.Lock()
		defer c.receiver.mu.Unlock()
		return at.Sub(c.began), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("%s: %w", otherwise, ctx.Err())
	}
}

// Counts is what has arrived of a kind.
func (c *Client) Counts(audio bool) Counts { return c.receiver.counts(audio) }

// Profile names the agreed protection of media.
func (c *Client) Profile() string { return c.keys.profile.String() }

// Close ends the connection and waits for its goroutines.
func (c *Client) Close() {
	c.once.Do(func() {
		c.cancel()
		if c.dtls != nil {
			_ = c.dtls.Close() // tells the server
		}
		_ = c.records.Close()
		if c.socket != nil {
			_ = c.socket.conn.Close()
		}
	})
	c.wg.Wait()
}
