package munge_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/packetcache"
)

// publisher is a simulcast layer whose packets reach the relay reordered, late and twice.
type publisher struct {
	*rand.Rand
	source munge.Source
	dedup  munge.Dedup
	cache  *packetcache.Cache

	seq     uint16
	ts      uint32
	picture uint16
	now     time.Time
	onWay   []*munge.Packet
	number  uint32 // of the next packet, written into its payload
}

const perFrame = 4 // packets

// frame puts the packets of the next frame on their way.
func (p *publisher) frame(key bool) {
	p.ts, p.picture, p.now = p.ts+3000, p.picture+1, p.now.Add(time.Second/30)
	for i := range perFrame {
		payload := []byte{0x80, 0x80, 0x80 | byte(p.picture>>8), byte(p.picture), 0x01, 0, 0, 0, 0, byte(p.source)}
		if i == 0 {
			payload[0] |= 0x10
		}
		if key {
			payload[4] = 0
		}
		binary.BigEndian.PutUint32(payload[5:], p.number)
		p.number++
		p.onWay = append(p.onWay, &munge.Packet{
			Ext: uint64(p.seq), Timestamp: p.ts, Marker: i == perFrame-1, Format: munge.VP8, Payload: payload,
		})
		p.seq++
	}
}

// arrive takes a packet off the way, near its front; some stay there to come again.
func (p *publisher) arrive() *munge.Packet {
	i := min(p.IntN(3), len(p.onWay)-1)
	sent := p.onWay[i]
	if p.IntN(10) > 0 {
		p.onWay = append(p.onWay[:i:i], p.onWay[i+1:]...)
	}
	ext, verdict := p.dedup.Accept(uint16(sent.Ext))
	if verdict == munge.Duplicate || verdict == munge.Stale {
		return nil
	}
	got := *sent
	got.Ext, got.Newest, got.Arrival = ext, verdict == munge.Newest, p.now
	got.Description = got.Format.Describe(got.Payload)
	p.cache.Put(&got)
	return &got
}

// received is a packet as the subscriber has it.
type received struct {
	timestamp uint32
	picture   uint16
	number    uint32
	source    byte
}

// subscriber loses a fifth of what is sent to it, and asks for it again.
type subscriber struct {
	*rand.Rand
	rw     *munge.Rewriter
	caches map[munge.Source]*packetcache.Cache
	has    map[uint16]received
	first  uint16
	last   uint16
}

func (s *subscriber) take(out munge.Out) {
	if out.Switched && len(s.has) == 0 {
		s.first, s.last = out.Seq, out.Seq
	}
	if munge.Newer(out.Seq, s.last) {
		s.last = out.Seq
	}
	if s.IntN(5) == 0 && !out.Switched {
		return // lost
	}
	s.has[out.Seq] = received{
		out.Timestamp, binary.BigEndian.Uint16(out.Payload[2:]) & 0x7fff,
		binary.BigEndian.Uint32(out.Payload[5:]), out.Payload[9],
	}
}

// repair asks for what of the last 200 numbers is missing.
func (s *subscriber) repair(t *testing.T, now time.Time) {
	for seq := s.last - 200; seq != s.last; seq++ {
		if _, ok := s.has[seq]; ok || munge.Newer(s.first, seq) {
			continue
		}
		sent, grant := s.rw.Nack(seq, now, munge.Limits{Most: 10, Interval: time.Millisecond})
		if grant != munge.Granted {
			continue // has not reached the relay yet
		}
		p, ok := s.caches[sent.Source].Get(sent.Ext, nil)
		if !ok {
			t.Fatalf("packet %d of source %d is not in the cache", sent.Ext, sent.Source)
		}
		s.take(sent.Again(&p, make([]byte, 0, 64)))
	}
}

// TestStream_IsWholeAfterSwitchesLossAndRepair plays two layers through the parts that a forwarded packet passes,
// and looks at what the subscriber ends up with.
func TestStream_IsWholeAfterSwitchesLossAndRepair(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		start := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
		sub := &subscriber{
			Rand: random, has: map[uint16]received{}, caches: map[munge.Source]*packetcache.Cache{},
			rw: munge.NewRewriter(munge.Params{ClockRate: 90000, FirstSeq: 65400}),
		}
		var layers []*publisher
		for id := munge.Source(1); id <= 2; id++ {
			l := &publisher{Rand: random, source: id, cache: packetcache.New(packetcache.Video), now: start, seq: uint16(random.Uint32()), ts: random.Uint32(), picture: 32700}
			sub.caches[id] = l.cache
			layers = append(layers, l)
		}
		for frame := range 300 {
			if frame%40 == 0 {
				sub.rw.Target(munge.Source(1 + frame/40%2))
			}
			for _, l := range layers {
				l.frame(frame%10 == 0)
				for len(l.onWay) > 3 {
					p := l.arrive()
					if p == nil {
						continue
					}
					if out, ok := sub.rw.Rewrite(l.source, p, make([]byte, 0, 64)); ok {
						sub.take(out)
					}
				}
			}
			sub.repair(t, layers[0].now)
		}
		sub.check(t, seed)
	}
}

// check walks over all packets but the newest, which may still be under way. Packets may be missing only right
// before a switch: what the old source still had on its way then never got a place in the stream.
func (s *subscriber) check(t *testing.T, seed uint64) {
	t.Helper()
	switches, gap := 0, uint16(0)
	before := s.has[s.first]
	for seq := s.first + 1; munge.Newer(s.last-8, seq); seq++ {
		p, ok := s.has[seq]
		switch {
		case !ok:
			gap++
			continue
		case p.source != before.source:
			switches++
			gap = 0
			if p.picture != (before.picture+1)&0x7fff || !munge.NewerTimestamp(p.timestamp, before.timestamp) {
				t.Fatalf("seed %d: switch from %+v to %+v", seed, before, p)
			}
		case gap > 0:
			if gap++; gap > 24 {
				t.Fatalf("seed %d: packets before %d are missing", seed, seq)
			}
		case p.number != before.number+1:
			t.Fatalf("seed %d: packet %d follows %d", seed, p.number, before.number)
		case p.number%perFrame == 0 && (p.picture != (before.picture+1)&0x7fff || p.timestamp != before.timestamp+3000):
			t.Fatalf("seed %d: frame %+v follows %+v", seed, p, before)
		}
		before = p
	}
	if switches < 3 {
		t.Fatalf("seed %d: only %d switches", seed, switches)
	}
}
