package peer

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/red"
)

// known is the stream of an SSRC, as far as the relay knows it.
func (c *client) known(ssrc uint32) (s stream, ok bool) {
	c.peer.reading.Lock()
	defer c.peer.reading.Unlock()
	if found := c.peer.reading.streams[ssrc]; found != nil {
		return *found, true
	}
	return stream{}, false
}

func (c *client) streams() int {
	c.peer.reading.Lock()
	defer c.peer.reading.Unlock()
	return len(c.peer.reading.streams)
}

// repair is what is sent on a repair stream for a packet (RFC 4588 section 4).
func repair(seq uint16, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, seq), payload...)
}

func repairOf(s *track) *track {
	return &track{ssrc: s.ssrc + 500, payloadType: vp8Repair, mid: s.mid, repaired: s.rid, seq: 4000}
}

func TestDemux_KnowsStreamsByTheirHeaderExtensions(t *testing.T) {
	r := newRig(t)
	teacher := join(r, "teacher")
	for _, s := range []*track{microphone(), camera("q"), camera("h"), camera("f"), {ssrc: 9, payloadType: vp8Type, mid: screenMid}} {
		testkit.Eventually(t, func() bool {
			teacher.send(s, keyframe(1))
			known, ok := teacher.known(s.ssrc)
			return ok && known.layer != nil && known.source.Mid == s.mid && known.rid == s.rid && !known.repairs
		}, "stream of "+s.mid+s.rid)
	}
	repairs := repairOf(camera("h"))
	testkit.Eventually(t, func() bool {
		teacher.send(repairs, repair(0, keyframe(1)))
		known, ok := teacher.known(repairs.ssrc)
		return ok && known.repairs && known.rid == "h" && known.media != nil && known.media.ssrc == camera("h").ssrc
	}, "stream of repairs")
}

func TestDemux_StreamsThatNameNothingAgreedAreDropped(t *testing.T) {
	r := newRig(t)
	teacher := join(r, "teacher")
	for _, s := range []*track{
		{ssrc: 1, payloadType: vp8Type},
		{ssrc: 2, payloadType: vp8Type, mid: "99"},
		{ssrc: 3, payloadType: vp8Type, mid: cameraMid},
		{ssrc: 4, payloadType: vp8Type, mid: cameraMid, rid: "x"},
		{ssrc: 5, payloadType: vp8Type, mid: "5", rid: "q"}, // a slot
	} {
		teacher.send(s, keyframe(1))
	}
	testkit.Eventually(t, func() bool {
		teacher.send(microphone(), []byte("sound"))
		_, ok := teacher.known(microphone().ssrc)
		return ok
	}, "the microphone")
	if n := teacher.streams(); n != 1 {
		t.Errorf("%d streams known", n)
	}
}

func TestDemux_AFloodOfStreamsIsBoundedAndHurtsNoStreamThatIsKnown(t *testing.T) {
	r := newRig(t)
	teacher, viewer := join(r, "teacher"), join(r, "viewer")
	s := camera("q")
	teacher.seenBy(viewer, s)
	for n := range uint32(500) {
		teacher.send(&track{ssrc: 50_000 + n, payloadType: vp8Type, mid: cameraMid, rid: "h"}, keyframe(1))
	}
	teacher.seenBy(viewer, s)
	if n := teacher.streams(); n > maxStreams {
		t.Errorf("%d streams known", n)
	}
}

func TestRepair_BecomesThePacketThatItRepeats(t *testing.T) {
	r := newRig(t)
	teacher, viewer := join(r, "teacher"), join(r, "viewer")
	s := camera("q")
	repairs := repairOf(s)
	teacher.seenBy(viewer, s)
	teacher.send(repairs, repair(s.seq-1, keyframe(0))) // known by now; came already
	lost := append(frame(7), []byte("what was lost")...)
	number := s.seq
	s.seq++ // never sent as it is
	teacher.send(s, frame(8))
	found := func() (times int) {
		for _, p := range viewer.got(viewer.video0()) {
			if bytes.HasSuffix(p.Payload, []byte("what was lost")) {
				times++
			}
		}
		return times
	}
	testkit.Eventually(t, func() bool {
		teacher.send(repairs, repair(number, lost))
		return found() > 0
	}, "the lost packet by the repair stream")
	teacher.seenBy(viewer, s)
	if n := found(); n > 1 {
		t.Errorf("forwarded %d times", n)
	}
}

func TestRepair_PaddingIsNoPacket(t *testing.T) {
	r := newRig(t)
	teacher, viewer := join(r, "teacher"), join(r, "viewer")
	s := camera("q")
	teacher.seenBy(viewer, s)
	before := len(viewer.got(viewer.video0()))
	for range 20 {
		teacher.send(repairOf(s), nil)
	}
	teacher.seenBy(viewer, s)
	if got := viewer.got(viewer.video0())[before:]; len(got) > 3 {
		t.Errorf("%d packets for one", len(got))
	}
}

func TestStream_ChangesItsCodecAtMostOncePerSecond(t *testing.T) {
	r := newRig(t)
	teacher, viewer := join(r, "teacher"), join(r, "viewer")
	s := camera("q")
	teacher.seenBy(viewer, s)
	first, _ := teacher.known(s.ssrc)
	vp9 := func() *track { s.payloadType = vp9Type; return s }
	vp8 := func() *track { s.payloadType = vp8Type; return s }
	testkit.Eventually(t, func() bool {
		teacher.send(vp9(), []byte{0x08, 1, 2, 3})
		now, _ := teacher.known(s.ssrc)
		return now.payloadType == vp9Type
	}, "the stream is VP9")
	second, _ := teacher.known(s.ssrc)
	if wait := second.changed.Sub(first.changed); wait < codecPause {
		t.Errorf("changed after %v", wait)
	}
	if second.layer == first.layer {
		t.Error("one layer for two codecs")
	}
	for range 100 { // back and forth, as fast as it goes
		teacher.send(vp8(), keyframe(1))
		teacher.send(vp9(), []byte{0x08, 1, 2, 3})
	}
	last, _ := teacher.known(s.ssrc)
	if last.changed.Sub(second.changed) > time.Since(second.changed) || last.layer != second.layer && last.changed.Sub(second.changed) < codecPause {
		t.Error("changed again before its time")
	}
	teacher.seenBy(viewer, vp8())
}

func TestStream_OfSoundGoesOnWhenItsFramesAreRepeated(t *testing.T) {
	r := newRig(t)
	teacher, listener := join(r, "teacher"), join(r, "listener")
	s := microphone()
	teacher.heardBy(listener, s)
	before, _ := teacher.known(s.ssrc)
	heard := func() (out []*rtp.Packet) {
		for _, p := range listener.got(listener.audio0()) {
			if len(p.Payload) == 3 {
				out = append(out, p)
			}
		}
		return out
	}
	var encoder red.Encoder
	frame := func(n byte) []byte { // as long as the timestamps of a track lie apart: 25 times 2.5 ms
		payload := []byte{16<<3 | 3, 25, n}
		repeated := encoder.Encode(nil, opusType, uint32(s.seq)*3000, payload, 1000)
		if s.payloadType == redType {
			return repeated
		}
		return payload
	}
	teacher.send(s, frame(0))
	s.payloadType = redType
	teacher.send(s, frame(1))
	teacher.seal(s, frame(2)) // lost
	teacher.send(s, frame(3))
	s.payloadType = opusType
	teacher.send(s, frame(4))
	testkit.Eventually(t, func() bool { return len(heard()) >= 5 }, "all five frames are heard")
	for n, p := range heard() {
		if p.PayloadType != opusType || p.Payload[2] != byte(n) {
			t.Errorf("frame %d is of type %d: % x", n, p.PayloadType, p.Payload)
		}
	}
	if after, _ := teacher.known(s.ssrc); after.layer != before.layer {
		t.Error("the microphone became another")
	}
}

func TestPacket_ExtensionsAreReadAsPionWritesThem(t *testing.T) {
	h := rtp.Header{Version: 2, SSRC: 1, PayloadType: vp8Type, CSRC: []uint32{1, 2}}
	must(t, h.SetExtension(midID, []byte("12")))
	must(t, h.SetExtension(ridID, []byte("q")))
	raw, err := (&rtp.Packet{Header: h, Payload: []byte("payload")}).Marshal()
	must(t, err)
	p, ok := parse(raw)
	if !ok || string(p.extension(midID)) != "12" || string(p.extension(ridID)) != "q" || p.extension(repairedID) != nil {
		t.Errorf("%v %q %q", ok, p.extension(midID), p.extension(ridID))
	}
}
