package light

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/tongke-edu/tongke/services/bench/internal/probe"
)

const (
	frameInterval = time.Second / 30
	soundInterval = 20 * time.Millisecond
	// kept packets can be sent again.
	kept = 512
	// midPackets carry their section's name at first, as browsers do until they are understood.
	midPackets = 200
)

// Publication is what a client sends.
type Publication struct {
	// Name of the participant, whose marks the packets carry.
	Name string
	// Layers of the camera; one with an empty RID is no simulcast.
	Layers []Layer
}

// Layer is one encoding of the camera.
type Layer struct {
	RID    string
	Format probe.Format
}

// publisher sends a microphone and a camera at real pace.
type publisher struct {
	client *Client
	sound  *probe.Sound
	audio  *outbound
	video  []*layer
	paused atomic.Bool
	sent   atomic.Uint64 // packets
	number uint16        // transport-wide, of the sending goroutine
}

// layer is one encoding under way.
type layer struct {
	*outbound
	picture *probe.Picture
	wanted  atomic.Bool // a keyframe
}

// outbound is one RTP stream.
type outbound struct {
	ssrc      uint32
	payload   uint8
	seq       uint16
	timestamp uint32
	sent      int
	mid, rid  string
	section   section

	mu      sync.Mutex
	history [kept]struct {
		seq  uint16
		data []byte
	}
}

func newOutbound(payload uint8) *outbound {
	return &outbound{ssrc: rand.Uint32() | 1, payload: payload, seq: uint16(rand.Uint32()), timestamp: rand.Uint32()}
}

func newPublisher(p *Publication) *publisher {
	if p == nil {
		return nil
	}
	out := &publisher{sound: probe.NewSound(p.Name), audio: newOutbound(opusType)}
	for _, l := range p.Layers {
		one := &layer{outbound: newOutbound(vp8Type), picture: probe.NewPictureOf(p.Name, l.Format)}
		one.rid = l.RID
		one.wanted.Store(true)
		out.video = append(out.video, one)
	}
	return out
}

// describe puts the streams into an offer.
func (p *publisher) describe(o *offered) {
	if p == nil {
		return
	}
	o.microphone = p.audio.ssrc
	for _, l := range p.video {
		if l.rid == "" {
			o.camera = l.ssrc
		} else {
			o.rids = append(o.rids, l.rid)
		}
	}
}

// agree takes the numbers of the answer.
func (p *publisher) agree(c *Client, a agreed) {
	if p == nil {
		return
	}
	p.client = c
	p.audio.section, p.audio.mid = a.sections[0], a.sections[0].mid
	for _, l := range p.video {
		l.section, l.mid = a.sections[1], a.sections[1].mid
	}
}

// run sends until ctx ends: sound every 20 ms, frames in bursts 30 times a second.
func (p *publisher) run(ctx context.Context) {
	sound, frame := time.Now(), time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		if !now.Before(sound) {
			sound = after(sound, soundInterval, now)
			p.sendSound()
		}
		if !now.Before(frame) {
			frame = after(frame, frameInterval, now)
			p.sendFrames()
		}
		next := sound
		if frame.Before(next) {
			next = frame
		}
		timer.Reset(time.Until(next))
	}
}

// after is the next time; one who was held up for long does not make up for it.
func after(last time.Time, interval time.Duration, now time.Time) time.Time {
	if next := last.Add(interval); now.Sub(next) < 5*interval {
		return next
	}
	return now.Add(interval)
}

func (p *publisher) sendSound() {
	p.audio.timestamp += 960
	if !p.paused.Load() {
		p.send(p.audio, p.sound.Next(), true)
	}
}

func (p *publisher) sendFrames() {
	for _, l := range p.video {
		l.timestamp += 3000
		if p.paused.Load() {
			l.wanted.Store(true)
			continue
		}
		payloads := l.picture.Next(l.wanted.Swap(false))
		for i, payload := range payloads {
			p.send(l.outbound, payload, i == len(payloads)-1)
		}
	}
}

// send seals and sends one packet.
func (p *publisher) send(o *outbound, payload []byte, marker bool) {
	packet := rtp.Packet{Header: rtp.Header{
		Version: 2, Marker: marker && o.payload != opusType, PayloadType: o.payload,
		SequenceNumber: o.seq, Timestamp: o.timestamp, SSRC: o.ssrc,
	}, Payload: payload}
	p.extend(&packet.Header, o)
	o.seq++
	o.sent++
	raw, err := packet.Marshal()
	if err != nil {
		return
	}
	keys := p.client.keys
	keys.sending.Lock()
	sealed, err := keys.out.EncryptRTP(nil, raw, nil)
	keys.sending.Unlock()
	if err != nil {
		return
	}
	o.keep(packet.SequenceNumber, sealed)
	_, _ = p.client.socket.conn.Write(sealed) // lost like any packet
	p.sent.Add(1)
}

// extend adds the header extensions that were agreed.
func (p *publisher) extend(h *rtp.Header, o *outbound) {
	set := func(uri string, payload []byte) {
		if id := o.section.extensions[uri]; id != 0 {
			_ = h.SetExtension(id, payload) // one-byte extensions of these sizes always fit
		}
	}
	if o.section.extensions[sequenceURI] != 0 {
		p.number++
		set(sequenceURI, []byte{byte(p.number >> 8), byte(p.number)})
	}
	if o.payload == opusType {
		set(audioLevelURI, []byte{0x80 | 30}) // speaks, at -30 dBov
	}
	if o.sent < midPackets || o.rid != "" {
		set(midURI, []byte(o.mid))
	}
	if o.rid != "" {
		set(ridURI, []byte(o.rid))
	}
}

func (o *outbound) keep(seq uint16, sealed []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at := &o.history[seq%kept]
	at.seq, at.data = seq, sealed
}

// keyframe makes the next frame of a layer one that can be decoded alone.
func (p *publisher) keyframe(ssrc uint32) {
	if p == nil {
		return
	}
	for _, l := range p.video {
		if l.ssrc == ssrc {
			l.wanted.Store(true)
		}
	}
}

// repeat sends packets again, under their old numbers.
func (p *publisher) repeat(n *rtcp.TransportLayerNack) {
	if p == nil {
		return
	}
	streams := []*outbound{p.audio}
	for _, l := range p.video {
		streams = append(streams, l.outbound)
	}
	for _, o := range streams {
		if o.ssrc != n.MediaSSRC {
			continue
		}
		for _, pair := range n.Nacks {
			for _, seq := range pair.PacketList() {
				o.mu.Lock()
				at := o.history[seq%kept]
				o.mu.Unlock()
				if at.data != nil && at.seq == seq {
					_, _ = p.client.socket.conn.Write(at.data)
				}
			}
		}
	}
}
