package munge

import (
	"slices"
	"testing"
	"time"
)

func TestNack_FindsThePacketBehindTheOutgoingNumber(t *testing.T) {
	v := newViewer(t)
	a, b := newLayer(1, 10, 0, 0), newLayer(2, 60000, 9, 300)
	v.rw.Target(1)
	p := a.key()
	out := v.gets(a, p)
	v.rw.Target(2)
	v.gets(b, b.key())

	s, ok := v.rw.Nack(out.Seq, epoch, time.Millisecond)
	if !ok || s.Source != 1 || s.Ext != p.Ext {
		t.Fatalf("found %+v, %v", s, ok)
	}
	again := s.Again(p, make([]byte, 0, 1500))
	if again.Seq != out.Seq || again.Timestamp != out.Timestamp || !slices.Equal(again.Payload, out.Payload) {
		t.Fatalf("sent again %+v, first %+v", again, out)
	}
}

func TestNack_RefusesWhatWasNeverSent(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	if _, ok := v.rw.Nack(0, epoch, 0); ok {
		t.Fatal("nothing was sent yet")
	}
	v.rw.Target(1)
	out := v.gets(l, l.key())
	for _, seq := range []uint16{out.Seq + 1, out.Seq - 1, out.Seq + 64} {
		if _, ok := v.rw.Nack(seq, epoch, 0); ok {
			t.Fatalf("%d was never sent", seq)
		}
	}
}

func TestNack_ForgetsOldPackets(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	first := v.gets(l, l.key())
	for range 64 {
		v.gets(l, l.more())
	}
	if _, ok := v.rw.Nack(first.Seq, epoch, 0); ok {
		t.Fatal("the history holds 64 packets")
	}
}

func TestNack_IsAnsweredOncePerIntervalAndTenTimesInAll(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	out := v.gets(l, l.key())
	ask := func(at time.Duration) bool {
		_, ok := v.rw.Nack(out.Seq, epoch.Add(at), 50*time.Millisecond)
		return ok
	}
	if !ask(0) || ask(49*time.Millisecond) || !ask(50*time.Millisecond) {
		t.Fatal("want yes, no, yes at 0, 49, 50 ms")
	}
	answered := 2
	for i := range 100 {
		if ask(time.Duration(i+1) * time.Second) {
			answered++
		}
	}
	if answered != maxResends {
		t.Fatalf("answered %d times, want %d", answered, maxResends)
	}
}
