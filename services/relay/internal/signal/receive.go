package signal

import (
	"errors"
	"io"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
)

const (
	// mtu is the largest packet that is read.
	mtu = 1600
	// maxReadErrors ends a loop whose stream gives nothing but errors.
	maxReadErrors = 1000
)

// kinds are what the sending sections of an offer carry.
var kinds = map[offer.Role]relayv1.MediaKind{
	offer.Microphone:  relayv1.MediaKind_MEDIA_KIND_MICROPHONE,
	offer.Camera:      relayv1.MediaKind_MEDIA_KIND_CAMERA,
	offer.Screen:      relayv1.MediaKind_MEDIA_KIND_SCREEN,
	offer.ScreenAudio: relayv1.MediaKind_MEDIA_KIND_SCREEN_AUDIO,
}

// receive is called by Pion, on a goroutine of its own, when a stream is there.
func (p *Peer) receive(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	if kind, ok := p.kindOf(r); ok {
		p.start(func() { p.readPackets(t, r, kind) })
	}
}

// readPackets feeds a layer until the connection closes.
func (p *Peer) readPackets(t *webrtc.TrackRemote, r *webrtc.RTPReceiver, kind relayv1.MediaKind) {
	buffer := make([]byte, mtu)
	var layer *forward.Layer
	for failed := 0; failed < maxReadErrors; {
		n, _, err := t.Read(buffer)
		if ended(err) {
			return
		}
		if err != nil { // one packet that Pion cannot use
			failed++
			continue
		}
		failed = 0
		if layer == nil { // only a packet tells the codec
			if layer = p.connection.Incoming(describe(t, kind)); layer == nil {
				return
			}
			p.start(func() { p.readFeedback(reportsOf(t, r), layer.Feedback) })
		}
		layer.Receive(buffer[:n], time.Now())
	}
}

func describe(t *webrtc.TrackRemote, kind relayv1.MediaKind) forward.Track {
	codec := t.Codec()
	return forward.Track{
		Kind:        kind,
		RID:         t.RID(),
		SSRC:        uint32(t.SSRC()),
		PayloadType: uint8(t.PayloadType()),
		ClockRate:   codec.ClockRate,
		Codec:       munge.KeyOf(codec.MimeType, codec.SDPFmtpLine),
	}
}

// kindOf tells what a stream is by the place of its section in the offer.
func (p *Peer) kindOf(r *webrtc.RTPReceiver) (relayv1.MediaKind, bool) {
	for _, t := range p.pc.GetTransceivers() {
		if t.Receiver() == r {
			role, _ := p.shape.RoleOf(t.Mid())
			kind, ok := kinds[role]
			return kind, ok
		}
	}
	return 0, false
}

// rtcpReader reads one compound RTCP packet.
type rtcpReader func([]byte) (int, interceptor.Attributes, error)

// reportsOf reads what the publisher says about a stream.
func reportsOf(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) rtcpReader {
	if t.RID() == "" {
		return r.Read
	}
	return func(b []byte) (int, interceptor.Attributes, error) { return r.ReadSimulcast(b, t.RID()) }
}

// readFeedback hands RTCP to a function until the connection closes. Malformed packets are passed over.
func (p *Peer) readFeedback(read rtcpReader, to func([]rtcp.Packet, time.Time)) {
	buffer := make([]byte, mtu)
	for failed := 0; failed < maxReadErrors; {
		n, _, err := read(buffer)
		if ended(err) {
			return
		}
		if err != nil {
			failed++
			continue
		}
		failed = 0
		if packets, err := rtcp.Unmarshal(buffer[:n]); err == nil {
			to(packets, time.Now())
		}
	}
}

func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe)
}
