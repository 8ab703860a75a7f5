package munge

import (
	"slices"
	"testing"
	"time"
)

// generous limits refuse nothing in these tests.
var generous = Limits{Most: 10}

func TestNack_FindsThePacketBehindTheOutgoingNumber(t *testing.T) {
	v := newViewer(t)
	a, b := newLayer(1, 10, 0, 0), newLayer(2, 60000, 9, 300)
	v.rw.Target(1)
	p := a.key()
	out := v.gets(a, p)
	v.rw.Target(2)
	v.gets(b, b.key())

	s, grant := v.rw.Nack(out.Seq, epoch, generous)
	if grant != Granted || s.Source != 1 || s.Ext != p.Ext {
		t.Fatalf("found %+v, %v", s, grant)
	}
	again := s.Again(p, make([]byte, 0, 1500))
	if again.Seq != out.Seq || again.Timestamp != out.Timestamp || !slices.Equal(again.Payload, out.Payload) {
		t.Fatalf("sent again %+v, first %+v", again, out)
	}
}

func TestNack_RefusesWhatWasNeverSent(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	if _, grant := v.rw.Nack(0, epoch, generous); grant != Refused {
		t.Fatal("nothing was sent yet")
	}
	v.rw.Target(1)
	out := v.gets(l, l.key())
	for _, seq := range []uint16{out.Seq + 1, out.Seq - 1, out.Seq + 64} {
		if _, grant := v.rw.Nack(seq, epoch, generous); grant != Refused {
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
	if _, grant := v.rw.Nack(first.Seq, epoch, generous); grant != Refused {
		t.Fatal("the history holds 64 packets")
	}
}

// asks is what a question at some time gets; what is granted is sent.
func (v viewer) asks(seq uint16, at time.Duration, limits Limits) Grant {
	sent, grant := v.rw.Nack(seq, epoch.Add(at), limits)
	if grant == Granted {
		v.rw.Resent(sent, epoch.Add(at))
	}
	return grant
}

func TestNack_IsGrantedOncePerIntervalAndSoOftenInAll(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	v.gets(l, l.key())
	out := v.gets(l, l.delta())
	limits := Limits{Most: 3, Interval: 50 * time.Millisecond}
	for _, row := range []struct {
		at   int // ms
		want Grant
	}{
		{0, Granted}, {49, Refused}, {50, Granted}, {99, Refused}, {120, Granted}, {169, Refused}, {170, GivenUp}, {300, Refused},
	} {
		if got := v.asks(out.Seq, time.Duration(row.at)*time.Millisecond, limits); got != row.want {
			t.Errorf("after %d ms: %d, want %d", row.at, got, row.want)
		}
	}
}

func TestNack_CountsOnlyWhatWasSent(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	out := v.gets(l, l.key())
	limits := Limits{Most: 1, Interval: time.Second}
	for range 5 {
		if _, grant := v.rw.Nack(out.Seq, epoch, limits); grant != Granted {
			t.Fatal("refused although nothing was sent: the link had no room")
		}
	}
}

// frames sends so many more frames of one packet.
func (v viewer) frames(l *layerSim, n int) {
	for range n {
		v.gets(l, l.delta())
	}
}

func TestNack_GivesUpWhatTheStreamHasLeftBehind(t *testing.T) {
	for _, row := range []struct {
		claim string
		later int // frames
		want  Grant
	}{
		{"the newest can still be used", 0, Granted},
		{"15 frames after the one that showed the gap", 16, Granted},
		{"16 frames after it", 17, GivenUp},
	} {
		t.Run(row.claim, func(t *testing.T) {
			v, l := newViewer(t), newLayer(1, 10, 0, 0)
			v.rw.Target(1)
			v.gets(l, l.key())
			lost := v.gets(l, l.delta())
			v.frames(l, row.later)
			if got := v.asks(lost.Seq, 0, Limits{Most: 3, Life: 510 * time.Millisecond}); got != row.want {
				t.Errorf("%d, want %d", got, row.want)
			}
		})
	}
}

func TestNack_TheAgeOfAStillScreenBeginsWithTheNextPicture(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	v.gets(l, l.key())
	lost := v.gets(l, l.delta())
	l.ts += 60 * 90_000 // a minute in which nothing moved
	v.gets(l, l.delta())
	if got := v.asks(lost.Seq, time.Minute, Limits{Most: 3, Life: 500 * time.Millisecond}); got != Granted {
		t.Errorf("%d: the viewer could not know of the gap before", got)
	}
}

func TestNack_WhatLiesBeforeTheNewestKeyframeIsNoReasonForAnother(t *testing.T) {
	v, l := newViewer(t), newLayer(1, 10, 0, 0)
	v.rw.Target(1)
	v.gets(l, l.key())
	lost := v.gets(l, l.delta())
	v.frames(l, 20)
	v.gets(l, l.key())
	if got := v.asks(lost.Seq, 0, Limits{Most: 3, Life: 500 * time.Millisecond}); got != Refused {
		t.Errorf("%d, want a refusal", got)
	}
}
