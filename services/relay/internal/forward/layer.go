package forward

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/tongke-edu/tongke/services/relay/internal/keyframe"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/nack"
	"github.com/tongke-edu/tongke/services/relay/internal/packetcache"
	"github.com/tongke-edu/tongke/services/relay/internal/police"
	"github.com/tongke-edu/tongke/services/relay/internal/red"
	"github.com/tongke-edu/tongke/services/relay/internal/report"
)

// Layer is one incoming stream: a microphone, one rid of a camera, a screen.
type Layer struct {
	id          munge.Source
	track       Track
	format      munge.Format
	publication *publication
	cache       *packetcache.Cache

	// slots is the snapshot that the packet path reads; the lesson's goroutine replaces it.
	slots atomic.Pointer[[]*slot]

	// Written by the reader, read by the lesson.
	newest atomic.Int64 // arrival of the newest packet in Unix nanoseconds, 0 before the first
	height atomic.Uint32
	late   atomic.Uint32 // packets that came late or by retransmission since the last sample
	rate   rate          // but for its octets written and read by the lesson

	// reading guards what follows. Packets come from one reader, but for the moment in which a participant's way
	// changes.
	reading sync.Mutex
	limit   police.Bucket
	dedup   munge.Dedup
	header  rtp.Header
	missing nack.Tracker
	asking  []uint16
	// reminder comes when the next question is due; nil before the first.
	reminder *time.Timer
	red      *red.Encoder // of sound

	// inbound is guarded by publication.connection.books.
	inbound *report.Inbound

	keyframes struct {
		sync.Mutex
		merger keyframe.Merger
	}
}

func newLayer(id munge.Source, track Track, p *publication) *Layer {
	l := &Layer{
		id:          id,
		track:       track,
		format:      track.Codec.Format(),
		publication: p,
		limit:       limitOf(p.audio()),
		cache:       packetcache.New(cacheSize(track, p.audio())),
		inbound:     report.NewInbound(track.ClockRate, &p.connection.books.clock),
	}
	if p.audio() {
		l.red, l.missing.Lifetime = &red.Encoder{}, soundLife
	}
	l.slots.Store(&[]*slot{})
	return l
}

// cacheSize holds about two seconds of what browsers send: the lower simulcast layers are small.
func cacheSize(t Track, audio bool) packetcache.Params {
	size := packetcache.Video
	switch {
	case audio:
		size = packetcache.Audio
	case t.RID == "q":
		size.Packets, size.Bytes = size.Packets/4, size.Bytes/4
	case t.RID == "h":
		size.Packets, size.Bytes = size.Packets/2, size.Bytes/2
	}
	return size
}

// take books a packet as it came over the wire and keeps it for repairs and joiners. What it makes of it is added to the
// run and refers to raw. Dropped is what is malformed, of another payload type than the track's, known already, or beyond
// what a layer may bring.
func (l *Layer) take(raw []byte, now time.Time, to *run) {
	l.reading.Lock()
	defer l.reading.Unlock()
	payload, ok := l.parse(raw)
	switch {
	case !ok:
	case l.header.PayloadType == l.track.PayloadType:
		l.accept(&arrival{l.header.SequenceNumber, l.header.Timestamp, l.header.Marker, payload, len(raw), false}, now, to)
	case l.header.PayloadType == l.track.Red && l.track.Red != 0:
		l.unpack(payload, len(raw), now, to)
	}
}

// arrival is what came of a packet, or out of one that carries several frames.
type arrival struct {
	seq       uint16
	timestamp uint32
	marker    bool
	payload   []byte
	size      int  // in octets on the wire
	again     bool // it came in a later packet than its own
}

// accept books what arrived if it is new. The caller holds reading.
func (l *Layer) accept(a *arrival, now time.Time, to *run) {
	ext, verdict := l.dedup.Accept(a.seq)
	if verdict == munge.Duplicate || verdict == munge.Stale {
		return
	}
	l.repair(ext, now)
	if !l.limit.Take(now, a.size) {
		l.publication.connection.Refused(1)
		return
	}
	p := munge.Packet{
		Ext:         ext,
		Newest:      verdict == munge.Newest,
		Timestamp:   a.timestamp,
		Marker:      a.marker,
		Arrival:     now,
		Format:      l.format,
		Description: l.format.Describe(a.payload),
		Payload:     a.payload,
	}
	if !a.again { // else its own packet was lost: reports and samples say so
		if verdict == munge.Late {
			l.late.Add(1)
		}
		p.Captured = l.publication.connection.count(l, &p, a.size)
	}
	l.cache.Put(&p)
	to.packets = append(to.packets, p)
	if l.red != nil {
		to.repeats.add(l.red, &p)
	}
	if p.Keyframe && !l.publication.audio() {
		l.missing.Keyframe(p.Ext)
		l.arrived(&p)
	}
	if first := l.newest.Swap(now.UnixNano()) == 0; first {
		l.publication.connection.layerStarted()
	}
}

// parse reads the header and cuts padding off.
func (l *Layer) parse(raw []byte) (payload []byte, ok bool) {
	n, err := l.header.Unmarshal(raw)
	if err != nil || l.header.Version != 2 {
		return nil, false
	}
	payload = raw[n:]
	if l.header.Padding {
		if len(payload) == 0 || int(payload[len(payload)-1]) > len(payload) {
			return nil, false
		}
		payload = payload[:len(payload)-int(payload[len(payload)-1])]
	}
	return payload, true
}

// repair asks the publisher for what is missing, where that was agreed. The caller holds reading.
func (l *Layer) repair(ext uint64, now time.Time) {
	if !l.track.Repeats {
		return
	}
	if l.missing.Arrived(ext, now) {
		l.renew(now)
	}
	if l.missing.Missing() > 0 {
		l.ask(now)
	}
}

// ask sends the questions that are due, and comes back for the next ones: between two frames nothing arrives that could
// remind of them. It ends by itself, because what is missing is given up soon. The caller holds reading.
func (l *Layer) ask(now time.Time) {
	asked, keyframe := l.missing.Due(now, l.asking[:0])
	if l.asking = asked; len(asked) > 0 {
		c := l.publication.connection
		// A connection that is going down repairs nothing: the error says nothing new.
		_ = c.writeRTCP(nil, []rtcp.Packet{&rtcp.TransportLayerNack{
			SenderSSRC: c.reportSSRC, MediaSSRC: l.track.SSRC, Nacks: rtcp.NackPairsFromSequenceNumbers(asked),
		}})
	}
	if keyframe {
		l.renew(now)
	}
	switch next, ok := l.missing.Next(); {
	case !ok:
	case l.reminder == nil:
		l.reminder = time.AfterFunc(next.Sub(now), l.reminded)
	default:
		l.reminder.Reset(next.Sub(now))
	}
}

func (l *Layer) reminded() {
	l.reading.Lock()
	defer l.reading.Unlock()
	l.ask(time.Now())
}

// renew asks for a keyframe in place of what is not repaired, if somebody sees the layer.
func (l *Layer) renew(now time.Time) {
	if len(*l.slots.Load()) > 0 {
		l.requestKeyframe(now)
	}
}

// arrived notes the first packet of a keyframe.
func (l *Layer) arrived(p *munge.Packet) {
	if p.Height > 0 {
		l.height.Store(uint32(p.Height))
	}
	l.keyframes.Lock()
	l.keyframes.merger.Arrived()
	l.keyframes.Unlock()
}

// SenderReport takes what the publisher says about the clock of this stream.
func (l *Layer) SenderReport(sr *rtcp.SenderReport, now time.Time) {
	l.publication.connection.senderReport(l, sr, now)
}

// requestKeyframe asks the publisher, merged with the requests of others. It may be called from any goroutine.
func (l *Layer) requestKeyframe(now time.Time) {
	l.keyframes.Lock()
	ask := l.keyframes.merger.Request(now)
	l.keyframes.Unlock()
	if ask {
		l.askKeyframe()
	}
}

// repeatKeyframeRequest asks again when the last request has brought nothing.
func (l *Layer) repeatKeyframeRequest(now time.Time) {
	l.keyframes.Lock()
	ask := l.keyframes.merger.Due(now)
	l.keyframes.Unlock()
	if ask {
		l.askKeyframe()
	}
}

func (l *Layer) askKeyframe() {
	if l.publication.audio() {
		return
	}
	// A connection that is going down needs no keyframe: the error says nothing new.
	_ = l.publication.connection.writeRTCP(nil, []rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: l.track.SSRC}})
}

// lastPacket is the arrival of the newest packet, zero before the first.
func (l *Layer) lastPacket() time.Time {
	nanos := l.newest.Load()
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}

// attach adds a slot to the snapshot. Only the lesson's goroutine calls attach and detach.
func (l *Layer) attach(s *slot) {
	old := *l.slots.Load()
	if slices.Contains(old, s) {
		return
	}
	next := append(slices.Clone(old), s)
	l.slots.Store(&next)
}

func (l *Layer) detach(s *slot) {
	old := *l.slots.Load()
	if i := slices.Index(old, s); i >= 0 {
		next := slices.Delete(slices.Clone(old), i, i+1)
		l.slots.Store(&next)
	}
}
