package munge

import (
	"testing"
	"time"
)

// rewound is a viewer of a that is rewound to the newest keyframe of b, 10 frames of two packets ago.
func rewound(t *testing.T) (v viewer, last Out, b *layerSim, group []*Packet) {
	t.Helper()
	v = newViewer(t)
	a := newLayer(1, 65000, 4_000_000_000, 32766)
	b = newLayer(2, 3, 17, 12)
	group = []*Packet{b.key(), b.more()}
	for range 10 {
		group = append(group, b.delta(), b.more())
	}
	v.rw.Target(1)
	a.at = b.at.Add(-20 * time.Millisecond)
	v.gets(a, a.key())
	last = v.gets(a, a.more())
	v.rw.Target(2)
	if !v.rw.Rewind(2, group[0], group[len(group)-1]) {
		t.Fatal("not rewound")
	}
	return v, last, b, group
}

func TestRewind_TakesOverAtAPastKeyframeAndHurriesToThePresent(t *testing.T) {
	v, last, b, group := rewound(t)
	first := last
	before := last
	for i, p := range group {
		out := v.gets(b, p)
		if i == 0 {
			first = out
		}
		expectSeq(t, out, before.Seq+1)
		if frame := i%2 == 0; frame != NewerTimestamp(out.Timestamp, before.Timestamp) || frame != (picture(out) == picture(before)+1) {
			t.Fatalf("packet %d: timestamp %d, picture %d after %d, %d", i, out.Timestamp, picture(out), before.Timestamp, picture(before))
		}
		before = out
	}
	if took := before.Timestamp - first.Timestamp; took > 90_000/100 {
		t.Errorf("ten frames take %d ticks, want at most 10 ms", took)
	}
	if step := before.Timestamp - last.Timestamp; step < 1800 || step > 1810 { // a is 13 ms older than the group's end
		t.Errorf("the present is %d ticks after the former source", step)
	}
	next := v.gets(b, b.delta())
	if step := next.Timestamp - before.Timestamp; step != 3000 {
		t.Errorf("the next frame comes %d ticks later, want 3000 as at its source", step)
	}
}

func TestRewind_WhatItSentDoesNotGoOutAgain(t *testing.T) {
	v, _, b, group := rewound(t)
	for _, p := range group {
		v.gets(b, p)
	}
	for _, p := range group {
		v.misses(b, p)
	}
	v.gets(b, b.delta())
}

func TestRewind_APacketRepairedLaterFindsItsPlace(t *testing.T) {
	v, _, b, group := rewound(t)
	frame := v.gets(b, group[0])
	for _, p := range group[2:] {
		v.gets(b, p)
	}
	repaired := v.gets(b, group[1])
	expectSeq(t, repaired, frame.Seq+1)
	if repaired.Timestamp != frame.Timestamp || picture(repaired) != picture(frame) {
		t.Errorf("%+v belongs to frame %+v", repaired, frame)
	}
}

func TestRewind_SentPacketsCanBeAskedForAgain(t *testing.T) {
	v, _, b, group := rewound(t)
	for _, p := range group {
		out := v.gets(b, p)
		sent, grant := v.rw.Nack(out.Seq, epoch, generous)
		if grant != Granted || sent.Source != 2 || sent.Ext != p.Ext {
			t.Fatalf("packet %d is remembered as %+v", p.Ext, sent)
		}
		if again := sent.Again(p, nil); again.Timestamp != out.Timestamp || picture(again) != picture(out) {
			t.Fatalf("%+v the second time, %+v the first", again, out)
		}
	}
}

func TestRewind_OnlyTheAwaitedSourceAndOnlyToAKeyframe(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	key, delta := l.key(), l.delta()
	if v.rw.Rewind(1, key, delta) {
		t.Error("nobody awaits it")
	}
	v.rw.Target(1)
	if v.rw.Rewind(2, key, delta) || v.rw.Rewind(1, delta, delta) {
		t.Error("another source, or no keyframe")
	}
	v.gets(l, key)
	if v.rw.Rewind(1, key, delta) {
		t.Error("it is shown already")
	}
}
