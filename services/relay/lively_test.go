package relay_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
)

const (
	framesPerSecond = 25
	// livelyHead is what a lively frame's packets begin with: payload descriptor, frame header, number of the frame, number
	// and count of the packet, numbers of the frames that it needs.
	livelyHead = 6 + 10 + 4 + 2 + 3*4
	livelySize = 1100
)

// rhythm is the pattern of temporal layers that browsers use for three of them; frames in sync need the lowest alone.
var rhythm = []struct {
	layer byte
	sync  bool
}{{0, false}, {2, true}, {1, true}, {2, false}, {0, false}, {2, false}, {1, false}, {2, false}}

// weights share the bitrate of a layer among its temporal layers as browsers do, by the rhythm: 40, 20 and 40 %.
var weights = [...]float64{1.6, 0.8, 0.8}

// lively is one stream of a camera with a bitrate like a browser's, and three temporal layers.
type lively struct {
	*sender
	bitrate          int // bits per second
	frame            uint32
	newest           [3]uint32 // frame of each temporal layer
	seq, picture     uint16
	tl0              byte
	mid, rid, beat   int
	midText, ridText string
}

// film makes streams of a participant's camera as a browser does, until it leaves: a frame of each every 40 ms.
func (p *participant) film(bitrates map[string]int) {
	p.t.Helper()
	for name, bitrate := range bitrates {
		s := p.senders[name]
		s.keyframe.Store(true)
		l := &lively{
			sender: s, bitrate: bitrate, seq: 65_000,
			mid: int(s.extension(sdp.SDESMidURI)), rid: int(s.extension(sdp.SDESRTPStreamIDURI)), midText: s.mid(), ridText: s.track.RID(),
		}
		p.loops.Go(l.run)
		p.loops.Go(s.obey)
	}
}

func (l *lively) run() {
	tick := time.NewTicker(time.Second / framesPerSecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, packet := range l.next() {
				if l.ridText != "" {
					must(l.p.t, packet.SetExtension(uint8(l.mid), []byte(l.midText)))
					must(l.p.t, packet.SetExtension(uint8(l.rid), []byte(l.ridText)))
				}
				if l.track.WriteRTP(packet) == nil {
					l.sent.Add(1)
				}
			}
		case <-l.stopped:
			return
		}
	}
}

// next is a frame. A keyframe is five times as large as the mean.
func (l *lively) next() (out []*rtp.Packet) {
	key := l.keyframe.Swap(false)
	if key {
		l.beat = 0
	}
	now := rhythm[l.beat%len(rhythm)]
	l.beat++
	size := float64(l.bitrate) / 8 / framesPerSecond
	if key {
		size *= 5
	} else {
		size *= weights[now.layer]
	}
	if l.picture++; now.layer == 0 {
		l.tl0++
	}
	needs := [3]uint32{l.frame, l.frame, l.frame}
	for layer := byte(0); layer <= now.layer && !key && (layer == 0 || !now.sync); layer++ {
		needs[layer] = l.newest[layer]
	}
	if l.newest[now.layer] = l.frame; key {
		l.newest = needs
	}
	count := max(1, (int(size)+livelySize-1)/livelySize)
	for i := range count {
		body := make([]byte, max(livelyHead, int(size)/count))
		copy(body, []byte{0x80, 0xe0, 0x80 | byte(l.picture>>8&0x7f), byte(l.picture), l.tl0, now.layer << 6})
		if i == 0 {
			body[0] |= 0x10
		}
		if now.sync {
			body[5] |= 0x20
		}
		body[6] = 1
		if height := heights[l.ridText]; key && i == 0 {
			copy(body[6:], []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a})
			binary.LittleEndian.PutUint16(body[12:], height*16/9)
			binary.LittleEndian.PutUint16(body[14:], height)
		}
		binary.BigEndian.PutUint32(body[16:], l.frame)
		body[20], body[21] = byte(i), byte(count)
		for n, need := range needs {
			binary.BigEndian.PutUint32(body[22+4*n:], need)
		}
		out = append(out, &rtp.Packet{
			Header:  rtp.Header{Version: 2, Marker: i == count-1, SequenceNumber: l.seq, Timestamp: l.frame * 90_000 / framesPerSecond},
			Payload: body,
		})
		l.seq++
	}
	l.frame++
	return out
}

// picture is a frame of a lively camera as a viewer got it.
type picture struct {
	height  uint16 // of the layer
	frame   uint32
	layer   byte
	needs   [3]uint32
	key     bool
	at      time.Time
	packets map[byte]bool
	count   byte
}

func (p *picture) whole() bool { return len(p.packets) == int(p.count) }

func (p *picture) String() string {
	return fmt.Sprintf("%dp frame %d of temporal layer %d (%d of %d packets)", p.height, p.frame, p.layer, len(p.packets), p.count)
}

// pictures puts the packets of a slot together, in the order in which they were sent. They must be of one camera.
func pictures(packets []arrival) (out []*picture) {
	slices.SortStableFunc(packets, func(a, b arrival) int { return int(int16(a.SequenceNumber - b.SequenceNumber)) })
	height := uint16(0)
	for i, a := range packets {
		if len(a.Payload) < livelyHead || i > 0 && a.SequenceNumber == packets[i-1].SequenceNumber {
			continue
		}
		p := &picture{
			frame: binary.BigEndian.Uint32(a.Payload[16:]), layer: a.Payload[5] >> 6, at: a.at,
			key: a.Payload[0]&0x10 != 0 && a.Payload[6]&1 == 0, packets: map[byte]bool{}, count: a.Payload[21],
		}
		if p.key {
			height = binary.LittleEndian.Uint16(a.Payload[14:])
		}
		p.height = height
		for n := range p.needs {
			p.needs[n] = binary.BigEndian.Uint32(a.Payload[22+4*n:])
		}
		if last := len(out) - 1; last >= 0 && out[last].frame == p.frame && out[last].height == height {
			p = out[last]
		} else {
			out = append(out, p)
		}
		p.packets[a.Payload[20]] = true
	}
	return out
}

// torn counts the pictures since a time that lack a packet, or a picture that they need. Those that need them in turn
// count too, until a keyframe.
func torn(all []*picture, since time.Time) (n int) {
	shown := map[uint32]bool{}
	height := uint16(0)
	for _, p := range all {
		if p.key {
			shown, height = map[uint32]bool{}, p.height
		}
		ok := p.whole() && p.height == height
		for _, need := range p.needs {
			ok = ok && (need == p.frame || shown[need])
		}
		if shown[p.frame] = ok; !ok && p.at.After(since) {
			n++
		}
	}
	return n
}
