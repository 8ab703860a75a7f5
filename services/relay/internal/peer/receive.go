package peer

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtcp"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/answer"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
	"github.com/tongke-edu/tongke/services/relay/internal/speaker"
	"github.com/tongke-edu/tongke/services/relay/internal/srtp"
	"github.com/tongke-edu/tongke/services/relay/internal/twcc"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

const (
	// maxStreams bounds the SSRCs of one peer: four sections, three layers, their repairs, and some that began anew.
	maxStreams = 32
	// codecPause is the least time between two changes of codec in one stream: each costs a new cache.
	codecPause = time.Second
)

// kinds are what the sending sections of an offer carry.
var kinds = map[offer.Role]relayv1.MediaKind{
	offer.Microphone:  relayv1.MediaKind_MEDIA_KIND_MICROPHONE,
	offer.Camera:      relayv1.MediaKind_MEDIA_KIND_CAMERA,
	offer.Screen:      relayv1.MediaKind_MEDIA_KIND_SCREEN,
	offer.ScreenAudio: relayv1.MediaKind_MEDIA_KIND_SCREEN_AUDIO,
}

// reading is the receiving side of a peer's media. Its packets come from one goroutine, but for the moment in which the
// peer's way changes: hence the lock.
type reading struct {
	sync.Mutex
	agreed   *answer.Answer
	streams  map[uint32]*stream
	recorder twcc.Recorder
	feedback []byte
	early    []early // before keys are known
	media    gate
	reports  gate
}

// stream is one incoming SSRC: media, or the retransmissions of a layer.
type stream struct {
	source  *answer.Source
	rid     string
	repairs bool
	media   *stream // that this one repairs; nil until it is there

	ssrc        uint32
	layer       *forward.Layer // nil before the first packet
	payloadType uint8          // of layer
	changed     time.Time
}

// of is the layer that a stream feeds; nil for none, and for no stream.
func (s *stream) of() *forward.Layer {
	if s == nil {
		return nil
	}
	return s.layer
}

func (r *reading) init(agreed *answer.Answer) {
	r.agreed, r.streams = agreed, map[uint32]*stream{}
	r.media, r.reports = newGate(packetsPerSecond), newGate(reportsPerSecond)
	for i := range agreed.Sources {
		source := &agreed.Sources[i]
		if len(source.RIDs) > 0 {
			continue // their packets say which layer they are
		}
		for _, s := range source.Streams {
			media := &stream{source: source, ssrc: s.SSRC}
			r.streams[s.SSRC] = media
			if s.Repair != 0 {
				r.streams[s.Repair] = &stream{source: source, ssrc: s.Repair, repairs: true, media: media}
			}
		}
	}
}

// receiveRTP takes a packet into its layer, or keeps it until it can be opened.
func (p *Peer) receiveRTP(d *wire.Datagram, now time.Time, burst *forward.Burst, out *wire.Batch) {
	p.reading.Lock()
	defer p.reading.Unlock()
	if session := p.session.Load(); session == nil {
		p.reading.keep(d.Data, d.At)
	} else if p.openRTP(session, d.Data, d.At, now, burst, out) {
		p.proven(d.From)
	}
}

// openRTP opens a packet and takes it into its layer. It reports whether the packet was genuine. The caller holds
// reading.
func (p *Peer) openRTP(
	session *srtp.Session, data []byte, at, now time.Time, burst *forward.Burst, out *wire.Batch,
) bool {
	r := &p.reading
	if len(data) < headerSize {
		return false
	}
	if !r.media.admits(now, session.Knows(binary.BigEndian.Uint32(data[8:]))) {
		p.connection.Refused(1)
		return false
	}
	plain, err := session.Open(data)
	if !p.genuine(&r.media, now, err) {
		return false
	}
	p.heard.Store(now.UnixNano())
	p.takeRTP(plain, at, now, burst, out)
	return true
}

// takeRTP takes an opened packet into its layer. The caller holds reading.
func (p *Peer) takeRTP(plain []byte, at, now time.Time, burst *forward.Burst, out *wire.Batch) {
	r := &p.reading
	in, ok := parse(plain)
	if !ok {
		return
	}
	if number := in.extension(r.agreed.Extensions.TransportCC); len(number) == 2 {
		r.recorder.Add(uint16(number[0])<<8|uint16(number[1]), at)
		for r.recorder.Due(now) {
			r.feedback = r.recorder.Feedback(now, 0, in.ssrc, r.feedback[:0])
			// What is lost is told by the next feedback, as far as it matters.
			_ = p.sendRTCP(out, r.feedback)
		}
	}
	s := r.streams[in.ssrc]
	if s == nil {
		if s = r.identify(&in); s == nil {
			return
		}
	}
	if l, raw := p.take(s, &in, now); l != nil {
		if level, ok := speaker.Level(in.extension(r.agreed.Extensions.AudioLevel)); ok {
			l.Heard(level, at)
		}
		burst.Add(l, raw, at)
	}
}

// take finds the layer of a packet, and for a retransmission the packet that it repeats.
func (p *Peer) take(s *stream, in *packet, now time.Time) (*forward.Layer, []byte) {
	codec, known := s.source.Codecs[in.payloadType]
	switch {
	case !known:
		return nil, nil
	case s.repairs != (codec.RepairOf != 0):
		return nil, nil
	case s.repairs:
		if s.media == nil {
			s.media = p.reading.find(s.source, s.rid)
		}
		if s.media == nil || s.media.layer == nil || s.media.payloadType != codec.RepairOf {
			return nil, nil
		}
		raw, ok := in.restore(s.media.ssrc, codec.RepairOf)
		if !ok {
			return nil, nil
		}
		return s.media.layer, raw
	}
	payloadType := in.payloadType
	if codec.RedOf != 0 { // the same track, with frames repeated
		payloadType, codec = codec.RedOf, s.source.Codecs[codec.RedOf]
	}
	if s.layer == nil || s.payloadType != payloadType {
		if now.Sub(s.changed) < codecPause {
			return nil, nil
		}
		s.payloadType, s.changed = payloadType, now
		s.layer = p.connection.Incoming(forward.Track{
			Kind:        kinds[s.source.Role],
			RID:         s.rid,
			SSRC:        s.ssrc,
			PayloadType: payloadType,
			Red:         codec.Red,
			ClockRate:   codec.ClockRate,
			Codec:       codec.Key,
			Repeats:     codec.Repeats,
		})
	}
	return s.layer, in.raw
}

// identify finds out what an unknown SSRC carries, by the header extensions of its packets.
func (r *reading) identify(in *packet) *stream {
	if len(r.streams) == maxStreams {
		return nil
	}
	mid := string(in.extension(r.agreed.Extensions.Mid))
	i := slices.IndexFunc(r.agreed.Sources, func(s answer.Source) bool { return s.Mid == mid })
	if mid == "" {
		i = r.only(in.payloadType)
	}
	if i < 0 {
		return nil
	}
	s := &stream{source: &r.agreed.Sources[i], ssrc: in.ssrc}
	if len(s.source.RIDs) > 0 {
		s.rid = string(in.extension(r.agreed.Extensions.RID))
		if repaired := in.extension(r.agreed.Extensions.RepairedRID); len(repaired) > 0 {
			s.rid, s.repairs = string(repaired), true
		}
		if !slices.Contains(s.source.RIDs, s.rid) {
			return nil
		}
	} else {
		s.repairs = s.source.Codecs[in.payloadType].RepairOf != 0
	}
	r.streams[in.ssrc] = s
	return s
}

// find is the newest media stream of a layer.
func (r *reading) find(source *answer.Source, rid string) (found *stream) {
	for _, s := range r.streams {
		if s.source == source && s.rid == rid && !s.repairs && (found == nil || s.changed.After(found.changed)) {
			found = s
		}
	}
	return found
}

// receiveRTCP opens a compound packet and hands its parts to those whom they concern. Malformed parts are passed over.
func (p *Peer) receiveRTCP(d *wire.Datagram, now time.Time, out *wire.Batch) {
	session := p.session.Load()
	if session == nil {
		return
	}
	plain := p.openRTCP(session, d.Data, now)
	if plain == nil {
		return
	}
	p.heard.Store(now.UnixNano())
	p.proven(d.From)
	if !p.shape.HasData() {
		p.connection.Heard(now)
	}
	packets := p.readRTCP(plain, now)
	for _, one := range packets {
		if sr, ok := one.(*rtcp.SenderReport); ok {
			p.reading.Lock()
			layer := p.reading.streams[sr.SSRC].of()
			p.reading.Unlock()
			if layer != nil {
				layer.SenderReport(sr, now)
			}
		}
	}
	p.connection.Feedback(packets, now, out)
}

// openRTCP returns nil for what is too much or not genuine.
func (p *Peer) openRTCP(session *srtp.Session, data []byte, now time.Time) []byte {
	p.reading.Lock()
	defer p.reading.Unlock()
	if len(data) < 2*rtcpHeader {
		return nil
	}
	if !p.reading.reports.admits(now, session.KnowsRTCP(binary.BigEndian.Uint32(data[rtcpHeader:]))) {
		p.connection.Refused(1)
		return nil
	}
	plain, err := session.OpenRTCP(data)
	if !p.genuine(&p.reading.reports, now, err) {
		return nil
	}
	return plain
}

// genuine books what opening a packet has shown. What came twice, as networks do, counts for nothing.
func (p *Peer) genuine(g *gate, now time.Time, err error) bool {
	switch {
	case err == nil:
		g.looked(now, true)
	case !errors.Is(err, srtp.ErrReplay):
		g.looked(now, false)
		p.connection.Refused(1)
	}
	return err == nil
}

// maxArrivals bounds the reports of arrivals in one compound packet: an honest one has one or two.
const maxArrivals = 4

// readRTCP takes a compound packet apart. Reports of arrivals, which come twenty times a second from everybody, go to
// the estimate without a detour; the others are returned. What is malformed ends the reading.
func (p *Peer) readRTCP(compound []byte, now time.Time) (packets []rtcp.Packet) {
	for arrivals := 0; len(compound) >= rtcpHeader; {
		size := rtcpHeader * (1 + int(binary.BigEndian.Uint16(compound[2:])))
		if size > len(compound) {
			break
		}
		one := compound[:size]
		compound = compound[size:]
		if one[1] == uint8(rtcp.TypeTransportSpecificFeedback) && one[0]&0x1f == rtcp.FormatTCC {
			if arrivals++; arrivals > maxArrivals {
				continue
			}
			if report, err := twcc.Parse(one); err == nil {
				p.connection.Arrivals(now, report)
			}
			continue
		}
		parsed, err := rtcp.Unmarshal(one)
		if err != nil {
			break
		}
		packets = append(packets, parsed...)
	}
	return packets
}

// rtcpHeader is also the unit of lengths.
const rtcpHeader = 4
