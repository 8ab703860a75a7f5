package munge

import (
	"encoding/binary"
	"testing"
	"time"
)

// layerSim sends a layer's packets, as a read loop would hand them on.
type layerSim struct {
	src     Source
	format  Format
	ext     uint64
	ts      uint32
	picture uint16
	tl0     uint8
	at      time.Time
}

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func newLayer(src Source, seq uint16, ts uint32, picture uint16) *layerSim {
	return &layerSim{src: src, format: VP8, ext: firstCycle + uint64(seq), ts: ts, picture: picture, tl0: uint8(picture), at: epoch}
}

// packet makes the next packet; its frame's first when start.
func (l *layerSim) packet(start, key bool) *Packet {
	if start {
		l.ts += 3000
		l.picture = (l.picture + 1) & 0x7fff
		l.tl0++
		l.at = l.at.Add(time.Second / 30)
	}
	payload := []byte{0x80, 0xe0, 0x80 | byte(l.picture>>8), byte(l.picture), l.tl0, 0x20, 0x01, 1, 2, 3}
	if start {
		payload[0] |= 0x10
		if key {
			payload[6] = 0
		}
	}
	p := &Packet{Ext: l.ext, Newest: true, Timestamp: l.ts, Arrival: l.at, Format: l.format, Payload: payload}
	p.Description = l.format.Describe(payload)
	l.ext++
	return p
}

func (l *layerSim) key() *Packet   { return l.packet(true, true) }
func (l *layerSim) delta() *Packet { return l.packet(true, false) }
func (l *layerSim) more() *Packet  { return l.packet(false, false) }

// viewer checks that what comes out is one stream.
type viewer struct {
	t  *testing.T
	rw *Rewriter
}

func newViewer(t *testing.T) viewer {
	t.Helper()
	return viewer{t, NewRewriter(Params{ClockRate: 90000, History: 64, FirstSeq: 65530, FirstTimestamp: 0xfffffff0})}
}

func (v viewer) gets(l *layerSim, p *Packet) Out {
	v.t.Helper()
	out, ok := v.rw.Rewrite(l.src, p, make([]byte, 0, 1500))
	if !ok {
		v.t.Fatalf("packet %d of source %d was not forwarded", p.Ext, l.src)
	}
	return out
}

func (v viewer) misses(l *layerSim, p *Packet) {
	v.t.Helper()
	if out, ok := v.rw.Rewrite(l.src, p, nil); ok {
		v.t.Fatalf("packet %d of source %d was forwarded as %d", p.Ext, l.src, out.Seq)
	}
}

func picture(o Out) uint16 { return binary.BigEndian.Uint16(o.Payload[2:]) & 0x7fff }
func tl0(o Out) uint8      { return o.Payload[4] }

func expectSeq(t *testing.T, got Out, want uint16) {
	t.Helper()
	if got.Seq != want {
		t.Fatalf("sequence number %d, want %d", got.Seq, want)
	}
}

func TestRewriter_StartsAtAKeyframeWithTheGivenNumbers(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 100, 5000, 7)
	v.rw.Target(1)
	v.misses(l, l.delta())
	out := v.gets(l, l.key())
	expectSeq(t, out, 65530)
	if out.Timestamp != 0xfffffff0 || !out.Switched {
		t.Fatalf("first packet is %+v", out)
	}
	if next := v.gets(l, l.more()); next.Switched || next.Timestamp != out.Timestamp {
		t.Fatalf("second packet is %+v", next)
	}
}

func TestRewriter_SwitchContinuesSequencePictureAndTime(t *testing.T) {
	v := newViewer(t)
	a, b := newLayer(1, 65000, 4_000_000_000, 32766), newLayer(2, 3, 17, 12)
	v.rw.Target(1)
	v.gets(a, a.key())
	last := v.gets(a, a.delta()) // picture wraps at the source
	v.rw.Target(2)
	b.at = a.at // b's next frame arrives 1/30 s after a's last
	v.misses(b, b.delta())
	b.at = a.at
	first := v.gets(b, b.key())
	expectSeq(t, first, last.Seq+1)
	if picture(first) != picture(last)+1 || tl0(first) != tl0(last)+1 {
		t.Fatalf("picture %d/%d after %d/%d", picture(first), tl0(first), picture(last), tl0(last))
	}
	if step := first.Timestamp - last.Timestamp; step < 2998 || step > 3000 {
		t.Fatalf("timestamp stepped by %d in 1/30 s", step)
	}
	v.misses(a, a.delta())
	if second := v.gets(b, b.delta()); second.Timestamp-first.Timestamp != 3000 || picture(second) != picture(first)+1 {
		t.Fatalf("second frame %+v after %+v", second, first)
	}
}

func TestRewriter_OldSourceGoesOnUntilTheKeyframe(t *testing.T) {
	v := newViewer(t)
	a, b := newLayer(1, 10, 0, 0), newLayer(2, 900, 0, 0)
	v.rw.Target(1)
	v.gets(a, a.key())
	v.rw.Target(2)
	if v.rw.Current() != 1 || v.rw.Waiting() != 2 {
		t.Fatal("the old source must stay while the new one is awaited")
	}
	v.misses(b, b.delta())
	v.gets(a, a.delta())
	v.gets(b, b.key())
	if v.rw.Current() != 2 || v.rw.Waiting() != 0 {
		t.Fatal("the keyframe must hand over")
	}
}

func TestRewriter_KeyframeThatIsNotNewestStartsNothing(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	p := l.key()
	p.Newest = false
	v.misses(l, p)
}

func TestRewriter_LatePacketsKeepTheirPlace(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	before := l.more()
	first := v.gets(l, l.key())
	late, next := l.more(), l.more()
	expectSeq(t, v.gets(l, next), first.Seq+2)
	expectSeq(t, v.gets(l, late), first.Seq+1)
	v.misses(l, before)
	expectSeq(t, v.gets(l, l.delta()), first.Seq+3)
}

func TestRewriter_DropClosesTheGap(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 100)
	v.rw.Target(1)
	first := v.gets(l, l.key())
	late := l.more() // still on its way when the frame behind it is dropped
	v.rw.Drop(1, l.delta())
	v.rw.Drop(1, l.more())
	after := v.gets(l, l.delta())
	expectSeq(t, after, first.Seq+2)
	if picture(after) != picture(first)+1 || tl0(after) != tl0(first)+1 {
		t.Fatalf("picture %d/%d after %d/%d", picture(after), tl0(after), picture(first), tl0(first))
	}
	expectSeq(t, v.gets(l, late), first.Seq+1)
}

func TestRewriter_DropOfLatePacketKeepsTheNumbers(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 100)
	v.rw.Target(1)
	first := v.gets(l, l.key())
	late := l.more()
	v.gets(l, l.more())
	v.rw.Drop(1, late)
	expectSeq(t, v.gets(l, l.more()), first.Seq+3)
}

func TestRewriter_PaddingLeavesNoGap(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 65534, 0, 0)
	v.rw.Target(1)
	first := v.gets(l, l.key())
	for range 40 {
		p := l.more()
		p.Payload, p.Description = nil, Description{}
		v.misses(l, p)
	}
	expectSeq(t, v.gets(l, l.more()), first.Seq+1)
}

func TestRewriter_InterruptWaitsForTheNextKeyframe(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	last := v.gets(l, l.key())
	v.rw.Interrupt()
	v.misses(l, l.more())
	v.misses(l, l.delta())
	if v.rw.Waiting() != 1 {
		t.Fatal("the interrupted source must be awaited")
	}
	expectSeq(t, v.gets(l, l.key()), last.Seq+1)
}

func TestRewriter_ClearedStreamGoesOnLater(t *testing.T) {
	v, a := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	last := v.gets(a, a.key())
	v.rw.Target(0)
	v.misses(a, a.key())
	b := newLayer(2, 10, 0, 0)
	b.at = a.at.Add(24 * time.Hour)
	v.rw.Target(2)
	first := v.gets(b, b.key())
	expectSeq(t, first, last.Seq+1)
	if !NewerTimestamp(first.Timestamp, last.Timestamp) {
		t.Fatal("time must go forwards")
	}
}

func TestRewriter_TargetOfTheCurrentSourceCancelsTheSwitch(t *testing.T) {
	v := newViewer(t)
	a, b := newLayer(1, 10, 0, 0), newLayer(2, 10, 0, 0)
	v.rw.Target(1)
	v.gets(a, a.key())
	v.rw.Target(2)
	v.rw.Target(1)
	v.misses(b, b.key())
	v.gets(a, a.delta())
}

func TestRewriter_CaptureTimesDecideTheTimestamp(t *testing.T) {
	rows := []struct {
		claim    string
		captured time.Duration // of the new source after the old one's last packet
		arrived  time.Duration
		ticks    uint32
	}{
		{"capture time wins over arrival", 100 * time.Millisecond, 180 * time.Millisecond, 9000},
		{"the same frame of another layer still steps forwards", 0, 30 * time.Millisecond, 1800},
		{"an earlier frame still steps forwards", -time.Second, 30 * time.Millisecond, 1800},
		{"absurd capture times are not believed", time.Hour, 100 * time.Millisecond, 9000},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			v := newViewer(t)
			a, b := newLayer(1, 10, 0, 0), newLayer(2, 10, 0, 0)
			v.rw.Target(1)
			p := a.key()
			p.Captured = p.Arrival.Add(-40 * time.Millisecond)
			last := v.gets(a, p)
			v.rw.Target(2)
			q := b.key()
			q.Arrival, q.Captured = p.Arrival.Add(row.arrived), p.Captured.Add(row.captured)
			if step := v.gets(b, q).Timestamp - last.Timestamp; step != row.ticks {
				t.Fatalf("stepped by %d ticks, want %d", step, row.ticks)
			}
		})
	}
}

func TestRewriter_SwitchesBetweenCodecs(t *testing.T) {
	v := newViewer(t)
	a, b := newLayer(1, 10, 0, 40), newLayer(2, 10, 0, 0)
	v.rw.Target(1)
	last := v.gets(a, a.key())
	v.rw.Target(2)
	p := b.key()
	p.Format, p.Payload = H264, []byte{0x67, 0x42, 0xe0, 0x1f, 0}
	p.Description = H264.Describe(p.Payload)
	h264 := v.gets(b, p)
	expectSeq(t, h264, last.Seq+1)
	if &h264.Payload[0] != &p.Payload[0] {
		t.Fatal("a payload that does not change must not be copied")
	}
	v.rw.Target(1)
	if back := v.gets(a, a.key()); picture(back) != picture(last)+1 {
		t.Fatalf("picture %d after %d: the numbers of VP8 must go on behind H264", picture(back), picture(last))
	}
}

func TestRewriter_LeavesTheSharedPayloadAlone(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 500)
	v.rw.Target(1)
	p := l.key()
	before := string(p.Payload)
	if out := v.gets(l, p); string(p.Payload) != before || string(out.Payload) == before {
		t.Fatal("the copy must change and the original must not")
	}
}
