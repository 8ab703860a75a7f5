package light

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtp"

	"github.com/tongke-edu/tongke/services/bench/internal/probe"
)

// sampled: of so many packets one is decrypted and its content checked.
const sampled = 64

// receiver is everything about what a client receives.
type receiver struct {
	thorough bool
	phase    uint16 // which of the sampled numbers is this client's
	sequence uint8  // transport-wide number's extension; 0: none
	slots    map[uint32]*slot
	repairs  map[uint32]*slot // by SSRC of the repair stream
	delay    func(time.Duration)

	mu         sync.Mutex
	media      time.Time // first packet
	frame      time.Time // first decodable frame
	feedback   *twcc.Recorder
	firstMedia chan struct{}
	firstFrame chan struct{}
}

// slot is one receiving section.
type slot struct {
	*inbound
	*decoder     // of video
	ssrc         uint32
	nack         bool
	checkContent func([]byte) (probe.Mark, error)
}

func newReceiver(p Params, a agreed) *receiver {
	r := &receiver{
		thorough: p.Thorough, phase: uint16(time.Now().UnixNano() >> 10 & (sampled - 1)), delay: p.Delay,
		slots: map[uint32]*slot{}, repairs: map[uint32]*slot{},
		firstMedia: make(chan struct{}), firstFrame: make(chan struct{}),
	}
	for _, s := range a.sections[senders:] {
		if len(s.ssrcs) == 0 {
			continue
		}
		r.sequence = max(r.sequence, s.extensions[sequenceURI])
		one := &slot{inbound: newInbound(s.kind == "audio"), ssrc: s.ssrcs[0], nack: len(s.nack) > 0, checkContent: probe.ReadSound}
		if s.kind == "video" {
			one.decoder, one.checkContent = newDecoder(), probe.ReadPicture
		}
		r.slots[one.ssrc] = one
		for repair, media := range s.repairs {
			if media == one.ssrc {
				r.repairs[repair] = one
			}
		}
	}
	return r
}

// take handles one SRTP packet. It is called by the reading goroutine alone.
func (r *receiver) take(k *keys, data []byte, at time.Time) {
	if len(data) < 12 {
		return
	}
	ssrc := binary.BigEndian.Uint32(data[8:])
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.slots[ssrc]; s != nil {
		r.arrived(ssrc, data, at)
		seq := binary.BigEndian.Uint16(data[2:])
		if ext, fresh := s.packet(seq, binary.BigEndian.Uint32(data[4:]), len(data), at); fresh && r.looks(s, seq) {
			r.check(k, s, ext, data, at)
		}
	} else if s := r.repairs[ssrc]; s != nil {
		r.arrived(ssrc, data, at)
		r.repaired(k, s, data, at)
	}
}

// looks decides whether a packet is decrypted.
func (r *receiver) looks(s *slot, seq uint16) bool {
	return r.thorough || r.decodes() && !s.audio || seq&(sampled-1) == r.phase
}

// decodes reports whether decoders play on: until the first frame, or always.
func (r *receiver) decodes() bool { return r.thorough || r.frame.IsZero() }

// arrived notes a packet for feedback, and the first one.
func (r *receiver) arrived(ssrc uint32, data []byte, at time.Time) {
	if r.media.IsZero() {
		r.media = at
		close(r.firstMedia)
	}
	if r.sequence == 0 {
		return
	}
	if number, ok := transportNumber(data, r.sequence); ok {
		if r.feedback == nil {
			r.feedback = twcc.NewRecorder(1)
		}
		r.feedback.Record(ssrc, number, at.UnixMicro())
	}
}

// transportNumber finds the transport-wide sequence number among one-byte extensions (RFC 8285 section 4.2).
func transportNumber(data []byte, id uint8) (uint16, bool) {
	begin := 12 + 4*int(data[0]&15)
	if data[0]&0x10 == 0 || len(data) < begin+4 || binary.BigEndian.Uint16(data[begin:]) != 0xbede {
		return 0, false
	}
	end := begin + 4 + 4*int(binary.BigEndian.Uint16(data[begin+2:]))
	for at := begin + 4; at < min(end, len(data)); {
		if data[at] == 0 {
			at++
			continue
		}
		size := int(data[at]&15) + 1
		if data[at]>>4 == id && size == 2 && at+3 <= len(data) {
			return binary.BigEndian.Uint16(data[at+1:]), true
		}
		at += 1 + size
	}
	return 0, false
}

// check decrypts a packet and proves its content.
func (r *receiver) check(k *keys, s *slot, ext uint64, data []byte, at time.Time) {
	var header rtp.Header
	plain, err := k.in.DecryptRTP(nil, data, &header)
	s.counts.Checked++
	if err != nil {
		s.counts.Broken++
		return
	}
	var packet rtp.Packet
	if packet.Unmarshal(plain) != nil {
		s.counts.Broken++
		return
	}
	r.content(s, ext, packet.PayloadType, packet.Payload, at)
}

// content proves one payload and hands it to the decoder.
func (r *receiver) content(s *slot, ext uint64, payloadType uint8, payload []byte, at time.Time) {
	if s.audio && payloadType == redType {
		payload = s.unfold(ext, payload, at)
	}
	var mark probe.Mark
	if len(payload) > 0 {
		var err error
		if mark, err = s.checkContent(payload); err != nil {
			s.counts.Broken++
			return
		}
		if r.delay != nil {
			r.delay(at.Sub(mark.Sent))
		}
	}
	if s.decoder == nil || !r.decodes() {
		return
	}
	shown := s.add(ext, part{padding: len(payload) == 0, first: mark.FirstOfFrame, last: mark.LastOfFrame, key: mark.Keyframe}, at)
	if shown && r.frame.IsZero() {
		r.frame = at
		close(r.firstFrame)
	}
}

// repaired takes a packet of a repair stream (RFC 4588).
func (r *receiver) repaired(k *keys, s *slot, data []byte, at time.Time) {
	var header rtp.Header
	plain, err := k.in.DecryptRTP(nil, data, &header)
	var packet rtp.Packet
	if err != nil || packet.Unmarshal(plain) != nil || len(packet.Payload) < 2 {
		return // padding, or broken: then it is asked for again
	}
	seq := binary.BigEndian.Uint16(packet.Payload)
	if !s.begun {
		return
	}
	if ext, fresh := s.packet(seq, packet.Timestamp, len(data), at); fresh {
		s.counts.Checked++
		r.content(s, ext, vp8Type, packet.Payload[2:], at)
	}
}

// unfold takes the redundant sound out of a RED payload (RFC 2198) and returns the primary.
func (s *slot) unfold(ext uint64, payload []byte, at time.Time) []byte {
	const samples = 960 // of one packet
	var lengths []int
	for len(payload) >= 4 && payload[0]&0x80 != 0 {
		word := binary.BigEndian.Uint32(payload)
		if back := uint64(word>>10&0x3fff) / samples; back > 0 && s.found(ext-back, at) {
			s.counts.Packets++
		}
		lengths = append(lengths, int(word&0x3ff))
		payload = payload[4:]
	}
	if len(payload) > 0 {
		payload = payload[1:]
	}
	for _, n := range lengths {
		payload = payload[min(n, len(payload)):]
	}
	return payload
}

// counts sums the slots of a kind.
func (r *receiver) counts(audio bool) Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	var sum Counts
	for _, s := range r.slots {
		if s.audio != audio {
			continue
		}
		c := s.counts
		if s.decoder != nil {
			c.Frames, c.Freezes, c.Frozen = s.frames, s.freezes, s.frozen
		}
		sum = sum.Add(c)
	}
	return sum
}
