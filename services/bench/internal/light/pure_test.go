package light

import (
	"testing"
	"time"
)

var t0 = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func TestInbound_CountsLossRepairAndRepetitionOverTheWrapAround(t *testing.T) {
	s := newInbound(false)
	for i, seq := range []uint16{65534, 65535, 2, 1, 2} { // 0 is missing, 1 late, 2 repeated
		s.packet(seq, 0, 100, t0.Add(time.Duration(i)*time.Millisecond))
	}
	if c := s.counts; c.Packets != 4 || c.Expected != 5 || c.Lost != 2 || c.Repeated != 1 || c.Bytes != 400 {
		t.Errorf("%+v", c)
	}
}

func TestInbound_WhatComesAfterPlayoutIsUnrepaired(t *testing.T) {
	s := newInbound(false)
	s.packet(1, 0, 100, t0)
	s.packet(4, 0, 100, t0)
	s.packet(2, 0, 100, t0.Add(playout))
	s.wanted(t0.Add(playout+time.Millisecond), 0, 10)
	s.packet(3, 0, 100, t0.Add(playout+2*time.Millisecond))
	if c := s.counts; c.Unrepaired != 1 || c.Packets != 4 {
		t.Errorf("%+v", c)
	}
}

func TestInbound_AsksAgainAfterARoundTripAndGivesUp(t *testing.T) {
	s := newInbound(false)
	s.packet(1, 0, 100, t0)
	s.packet(3, 0, 100, t0)
	asked := 0
	for at := time.Duration(0); at < 2*time.Second; at += 20 * time.Millisecond {
		asked += len(s.wanted(t0.Add(at), 50*time.Millisecond, 10))
	}
	if asked != 9 { // at 0, 60, … 480 ms
		t.Errorf("asked %d times", asked)
	}
	if len(s.absent) != 0 {
		t.Error("a lost packet is remembered for ever")
	}
}

func frame(d *decoder, first uint64, n int, key bool, now time.Time, without uint64) {
	for i := range n {
		if ext := first + uint64(i); ext != without {
			d.add(ext, part{first: i == 0, last: i == n-1, key: key}, now)
		}
	}
}

func TestDecoder_BeginsWithAKeyframeAndWaitsForWhatIsMissing(t *testing.T) {
	d := newDecoder()
	frame(d, 10, 3, false, t0, 0)
	if d.frames != 0 {
		t.Fatal("a frame was decoded without a keyframe")
	}
	frame(d, 13, 3, true, t0, 0)
	frame(d, 16, 3, false, t0, 17)
	frame(d, 19, 3, false, t0, 0)
	if d.frames != 1 {
		t.Fatalf("%d frames over a gap", d.frames)
	}
	d.add(17, part{}, t0.Add(time.Second))
	if d.frames != 3 || d.freezes != 1 || d.frozen != time.Second {
		t.Errorf("%d frames, %d freezes of %v", d.frames, d.freezes, d.frozen)
	}
}

func TestDecoder_GoesOnAtTheNextWholeKeyframeAndPassesOverPadding(t *testing.T) {
	d := newDecoder()
	frame(d, 1, 2, true, t0, 0)
	frame(d, 3, 2, false, t0, 3)
	if d.wantsKeyframe(t0) || !d.wantsKeyframe(t0.Add(stuck+1)) || d.wantsKeyframe(t0.Add(stuck+2)) {
		t.Error("asks for a keyframe too early, never, or too often")
	}
	frame(d, 5, 2, true, t0, 6)
	frame(d, 7, 2, true, t0, 0)
	d.add(9, part{padding: true}, t0)
	frame(d, 10, 1, false, t0, 0)
	if d.frames != 3 {
		t.Errorf("%d frames", d.frames)
	}
}

func TestTransportNumber_IsFoundAmongExtensions(t *testing.T) {
	packet := []byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0xbe, 0xde, 0, 2, 0x10, 0x80, 0, 0x31, 0x12, 0x34, 0, 0}
	if n, ok := transportNumber(packet, 3); !ok || n != 0x1234 {
		t.Errorf("%#x %v", n, ok)
	}
	for end := 12; end < 21; end++ {
		if _, ok := transportNumber(packet[:end], 3); ok {
			t.Errorf("found in %d bytes", end)
		}
	}
}

func FuzzTransportNumber(f *testing.F) {
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0xbe, 0xde, 0, 1, 0x31, 0x12, 0x34, 0})
	f.Fuzz(func(_ *testing.T, data []byte) {
		if len(data) >= 12 {
			transportNumber(data, 3)
		}
	})
}

func FuzzParseAnswer(f *testing.F) {
	f.Add("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parseAnswer(text, 1) })
}

func TestUnfold_FindsLostSoundInRedundancy(t *testing.T) {
	s := &slot{inbound: newInbound(true)}
	s.packet(1, 0, 100, t0)
	s.packet(3, 1920, 100, t0)
	red := []byte{0x80 | opusType, 960 >> 6, 960 & 63 << 2, 2, opusType, 0xaa, 0xbb, 0xcc}
	if primary := s.unfold(firstNumber+3, red, t0); len(primary) != 1 || primary[0] != 0xcc {
		t.Errorf("primary % x", primary)
	}
	if s.counts.Packets != 3 || len(s.absent) != 0 {
		t.Errorf("%+v", s.counts)
	}
}
