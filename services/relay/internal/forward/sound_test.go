package forward_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/red"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

const (
	opus    = munge.Key("audio/opus")
	opusIn  = 111 // payload type at the publishers
	opusOut = 109 // and at the listeners
	redOut  = 63
)

// ear is a listener's connection with one audio slot.
type ear struct {
	*line
	mu    sync.Mutex
	heard []sounded
	keeps bool
	count int
	again []string
}

// sounded is a packet as a listener gets it.
type sounded struct {
	forward.Header
	payload []byte
}

func (e *ear) WriteRTP(_ *wire.Batch, h forward.Header, payload []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count++
	if e.keeps {
		e.heard = append(e.heard, sounded{h, bytes.Clone(payload)})
	}
	return nil
}

// text is what a packet carries: the frames, and R before them if it is RED.
func (s sounded) text() string {
	if s.PayloadType == opusOut {
		return string(s.payload)
	}
	blocks, err := red.Parse(s.payload)
	if err != nil || s.PayloadType != redOut {
		return fmt.Sprintf("payload type %d: % x", s.PayloadType, s.payload)
	}
	out := []string{"R"}
	for block, ok := blocks.Next(); ok; block, ok = blocks.Next() {
		if block.PayloadType != opusOut {
			return fmt.Sprintf("block of payload type %d", block.PayloadType)
		}
		out = append(out, string(block.Payload))
	}
	return strings.Join(out, " ")
}

// take is what was heard since the last call. It checks that no number is missing.
func (e *ear) take(t *testing.T) (out []string) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, s := range e.heard {
		if i > 0 && s.Seq != e.heard[i-1].Seq+1 {
			t.Errorf("number %d follows %d", s.Seq, e.heard[i-1].Seq)
		}
		if i > 0 && int32(s.Timestamp-e.heard[i-1].Timestamp) <= 0 {
			t.Errorf("timestamp %d follows %d", s.Timestamp, e.heard[i-1].Timestamp)
		}
		out = append(out, s.text())
	}
	if n := len(e.heard); n > 0 {
		e.heard = e.heard[n-1:]
		if e.count > n {
			out = out[1:]
		}
		e.count = n + 1
	}
	return out
}

// microphones permits those named, in the order of their names.
func microphones(revision uint64, names ...string) *relayv1.LessonPolicy {
	p := &relayv1.LessonPolicy{Epoch: 1, Revision: revision, Flowing: true}
	for i, name := range names {
		p.Participants = append(p.Participants, &relayv1.ParticipantPolicy{
			ParticipantId: name, Standing: relayv1.Standing_STANDING_ROOM, Rank: uint32(i),
			MaySend: []relayv1.MediaKind{relayv1.MediaKind_MEDIA_KIND_MICROPHONE},
		})
	}
	return p
}

// listen joins a participant with so many audio slots, all of which w hears.
func listen(t testing.TB, f *forward.Forwarder, id string, slots int, policy *relayv1.LessonPolicy, w *ear) *forward.Connection {
	t.Helper()
	p := forward.JoinParams{
		LessonID: "lesson", ParticipantID: id, Policy: policy,
		Open: func(*forward.Connection) (forward.Transport, error) { return w, nil },
	}
	var outputs []forward.Output
	for n := range slots {
		p.Slots.Audio = append(p.Slots.Audio, strconv.Itoa(n))
		outputs = append(outputs, forward.Output{
			SSRC: uint32(n + 1), Media: w, Again: w, Red: redOut, Payloads: map[munge.Key]forward.Payload{opus: {Type: opusOut}},
		})
	}
	c, err := f.Join(p)
	if err != nil {
		t.Fatal(err)
	}
	c.Connected(outputs, nil, false)
	return c
}

// microphone is one that says "name1", "name2", …: a frame of 20 ms each time.
type microphone struct {
	layer *forward.Layer
	name  string
	n     int
	later uint32 // by which its timestamps are ahead
	raw   []byte
	burst forward.Burst
}

func open(c *forward.Connection, name string) *microphone {
	return &microphone{name: name, layer: c.Incoming(forward.Track{
		Kind: relayv1.MediaKind_MEDIA_KIND_MICROPHONE, SSRC: 7, PayloadType: opusIn, ClockRate: 48_000, Codec: opus,
	})}
}

func (m *microphone) say() {
	m.n++
	m.raw = append(m.raw[:0], 0x80, opusIn, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7)
	binary.BigEndian.PutUint16(m.raw[2:], uint16(m.n))
	binary.BigEndian.PutUint32(m.raw[4:], uint32(m.n*960)+m.later)
	m.raw = append(m.raw, m.name...)
	m.raw = strconv.AppendInt(m.raw, int64(m.n), 10)
	m.burst.Add(m.layer, m.raw, time.Now())
	m.burst.Forward(nil)
}

// report is a listener's report on its only slot.
func report(c *forward.Connection, loss float64) {
	c.Feedback([]rtcp.Packet{&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{
		{SSRC: 1, FractionLost: uint8(loss * 256)},
	}}}, time.Now(), nil)
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("heard %q, want %q", got, want)
	}
}

func TestSound_IsRepeatedForThoseWhoLosePacketsAndForNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		policy := microphones(1, "room")
		m := open(listen(t, f, "room", 1, policy, &ear{line: &line{}}), "frame")
		poor, good := &ear{line: &line{}, keeps: true}, &ear{line: &line{}, keeps: true}
		away, near := listen(t, f, "poor", 1, policy, poor), listen(t, f, "good", 1, policy, good)
		m.say()
		time.Sleep(time.Second)
		poor.take(t)
		good.take(t)
		for range 3 {
			m.say()
		}
		expect(t, poor.take(t), "frame2", "frame3", "frame4")
		report(away, 0.2)
		report(near, 0.04)
		m.say()
		m.say()
		expect(t, poor.take(t), "R frame3 frame4 frame5", "R frame4 frame5 frame6")
		expect(t, good.take(t), "frame2", "frame3", "frame4", "frame5", "frame6")
		report(away, 0) // 0 after 0.1: calm is not believed at once
		m.say()
		expect(t, poor.take(t), "R frame5 frame6 frame7")
		for range 15 {
			time.Sleep(time.Second)
			report(away, 0.01)
			m.say()
		}
		got := poor.take(t)
		expect(t, got[len(got)-1:], "frame22")
	})
}

func TestSound_RepeatsNothingFromBeforeASwitchOfSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		policy := microphones(1, "a", "b")
		a := open(listen(t, f, "a", 1, policy, &ear{line: &line{}}), "left")
		b := open(listen(t, f, "b", 1, policy, &ear{line: &line{}}), "right")
		w := &ear{line: &line{}, keeps: true}
		c := listen(t, f, "viewer", 1, policy, w)
		say := func() {
			a.say()
			b.say()
			time.Sleep(20 * time.Millisecond)
		}
		say()
		time.Sleep(time.Second)
		report(c, 0.5)
		w.take(t)
		a.later, b.later = red.MaxOffset, red.MaxOffset // too long after the first for a repetition
		say()
		say()
		expect(t, w.take(t), "R left2", "R left2 left3")
		c.Message(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_WantSlot{WantSlot: &relayv1.WantSlot{
			SlotId: "audio0", ParticipantId: "b", Kind: relayv1.MediaKind_MEDIA_KIND_MICROPHONE,
		}}})
		synctest.Wait()
		for range 4 {
			say()
		}
		expect(t, w.take(t), "R left2 left3 left4", "right4", "right5", "R right4 right5 right6", "R right5 right6 right7")
	})
}

func TestSound_RepeatsNothingThatWasSaidToAClosedMicrophone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		m := open(listen(t, f, "room", 1, microphones(1, "room"), &ear{line: &line{}}), "frame")
		w := &ear{line: &line{}, keeps: true}
		c := listen(t, f, "viewer", 1, microphones(1, "room"), w)
		say := func() {
			m.say()
			time.Sleep(20 * time.Millisecond)
		}
		say()
		time.Sleep(time.Second)
		report(c, 0.5)
		say()
		w.take(t)
		f.SetPolicy("lesson", microphones(2))
		synctest.Wait()
		say()
		f.SetPolicy("lesson", microphones(3, "room"))
		synctest.Wait()
		for range 3 {
			say()
		}
		expect(t, w.take(t), "frame4", "frame5", "R frame4 frame5 frame6")
	})
}

func TestSound_WithRepeatsAllocatesNothingPerPacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		policy := microphones(1, "room")
		m := open(listen(t, f, "room", 1, policy, &ear{line: &line{}}), "frame")
		w := &ear{line: &line{}}
		for n := range 50 {
			c := listen(t, f, strconv.Itoa(n), 1, policy, w)
			report(c, 0.5)
		}
		m.say()
		time.Sleep(time.Second)
		for range 10 {
			m.say()
		}
		before := w.count
		if n := testing.AllocsPerRun(1_000, m.say); n > 0 {
			t.Errorf("%v allocations per packet to 50 listeners", n)
		}
		if sent := w.count - before; sent < 50*1_000 {
			t.Errorf("%d packets sent", sent)
		}
	})
}

// Again notes what a listener is sent once more: what is not older than since.
func (e *ear) Again(_ *wire.Batch, seq uint16, since time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.again = append(e.again, fmt.Sprintf("%d within %v", seq-e.heard[0].Seq, time.Since(since)))
	return true
}

func TestSound_IsSentOnceMoreWhileItIsOfUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		policy := microphones(1, "room")
		m := open(listen(t, f, "room", 1, policy, &ear{line: &line{}}), "frame")
		w := &ear{line: &line{}, keeps: true}
		c := listen(t, f, "viewer", 1, policy, w)
		m.say()
		time.Sleep(time.Second)
		for range 3 {
			m.say()
		}
		ask := func(n uint16) {
			c.Feedback([]rtcp.Packet{&rtcp.TransportLayerNack{
				MediaSSRC: 1, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{w.heard[0].Seq + n}),
			}}, time.Now(), nil)
		}
		ask(1)
		ask(1) // too soon for another
		time.Sleep(20 * time.Millisecond)
		ask(1)
		ask(2)
		ask(9) // was never sent
		expect(t, w.again, "1 within 100ms", "1 within 100ms", "2 within 100ms")
	})
}
