package relay_test

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// sender makes a stream whose packets say who sent them and which they are: "teacher/camera/h:17".
type sender struct {
	p         *participant
	name      string
	track     *webrtc.TrackLocalStaticRTP
	rtpSender *webrtc.RTPSender
	stopOnce  sync.Once
	stopped   chan struct{}
	keyframe  atomic.Bool // one is asked for
	asked     atomic.Int64
	sent      atomic.Int64
	level     atomic.Uint32 // of sound, in dB below the loudest; 0 is not said
}

// heights of the pictures that senders claim to make.
var heights = map[string]uint16{"q": 180, "h": 360, "f": 720, "": 720}

func newSender(p *participant, name string, t *webrtc.TrackLocalStaticRTP, s *webrtc.RTPSender) *sender {
	return &sender{p: p, name: name, track: t, rtpSender: s, stopped: make(chan struct{})}
}

// send starts streams of a participant: a packet of each every 10 ms.
func (p *participant) send(names ...string) {
	p.t.Helper()
	for _, name := range names {
		s, ok := p.senders[name]
		if !ok {
			p.t.Fatalf("%s sends no %q", p.id, name)
		}
		s.keyframe.Store(true)
		p.loops.Go(s.run)
		p.loops.Go(s.obey)
	}
}

// stop ends the stream.
func (s *sender) stop() { s.stopOnce.Do(func() { close(s.stopped) }) }

func (s *sender) run() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	mid, rid := s.extension(sdp.SDESMidURI), s.extension(sdp.SDESRTPStreamIDURI)
	for n := uint32(0); ; n++ {
		select {
		case <-tick.C:
			packet := s.packet(n)
			if s.track.RID() != "" {
				must(s.p.t, packet.SetExtension(mid, []byte(s.mid())))
				must(s.p.t, packet.SetExtension(rid, []byte(s.track.RID())))
			}
			if level := s.level.Load(); level != 0 {
				must(s.p.t, packet.SetExtension(s.extension(sdp.AudioLevelURI), []byte{byte(level)}))
			}
			if s.track.WriteRTP(packet) == nil {
				s.sent.Add(1)
			}
		case <-s.stopped:
			return
		}
	}
}

// extension is the number of a header extension; without mid and rid the relay cannot tell layers apart.
func (s *sender) extension(uri string) uint8 {
	for _, e := range s.rtpSender.GetParameters().HeaderExtensions {
		if e.URI == uri {
			return uint8(e.ID)
		}
	}
	return 0
}

func (s *sender) mid() string {
	for _, t := range s.p.pc.GetTransceivers() {
		if t.Sender() == s.rtpSender {
			return t.Mid()
		}
	}
	return ""
}

// obey makes a keyframe when the relay asks for one.
func (s *sender) obey() {
	for {
		buffer := make([]byte, 1500)
		var n int
		var err error
		if rid := s.track.RID(); rid != "" {
			n, _, err = s.rtpSender.ReadSimulcast(buffer, rid)
		} else {
			n, _, err = s.rtpSender.Read(buffer)
		}
		if err != nil {
			return
		}
		packets, err := rtcp.Unmarshal(buffer[:n])
		if err != nil {
			continue
		}
		for _, packet := range packets {
			if _, ok := packet.(*rtcp.PictureLossIndication); ok {
				s.asked.Add(1)
				s.keyframe.Store(true)
			}
		}
	}
}

func (s *sender) packet(n uint32) *rtp.Packet {
	text := fmt.Sprintf("%s/%s:%d", s.p.id, s.name, n)
	h := rtp.Header{Version: 2, Marker: true, SequenceNumber: uint16(n + 65_000), Timestamp: n * 480}
	if !s.video() {
		return &rtp.Packet{Header: h, Payload: []byte(text)}
	}
	h.Timestamp = n * 900
	return &rtp.Packet{Header: h, Payload: append(s.vp8(n), text...)}
}

func (s *sender) video() bool { return strings.EqualFold(s.track.Codec().MimeType, webrtc.MimeTypeVP8) }

// vp8 is a payload descriptor with a 15-bit picture id (RFC 7741) and the beginning of a frame.
func (s *sender) vp8(n uint32) []byte {
	out := []byte{0x90, 0x80, 0x80 | byte(n>>8&0x7f), byte(n)}
	if !s.keyframe.Swap(false) {
		return append(out, 0x01, 0, 0)
	}
	height := heights[s.track.RID()]
	out = append(out, 0x10, 0, 0, 0x9d, 0x01, 0x2a)
	out = binary.LittleEndian.AppendUint16(out, height*16/9)
	return binary.LittleEndian.AppendUint16(out, height)
}

// content is what the sender wrote behind the codec's own bytes.
func content(p *rtp.Packet) string {
	payload := p.Payload
	if p.PayloadType == 120 && len(payload) > 7 {
		if payload[4]&1 == 0 {
			payload = payload[4+10:]
		} else {
			payload = payload[4+3:]
		}
	}
	return string(payload)
}

// numberOf is the sender's own count in a packet's content.
func numberOf(p *rtp.Packet) int {
	_, number, _ := strings.Cut(content(p), ":")
	n, err := strconv.Atoi(number)
	if err != nil {
		return -1
	}
	return n
}
