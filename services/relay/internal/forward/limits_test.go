package forward_test

import (
	"testing"
	"testing/synctest"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

// policed sends packets of 1,212 octets, every so often for a while, and returns how many the viewer got and how many
// the sender's samples say were refused.
func policed(t *testing.T, every, during time.Duration) (got, refused int) {
	t.Helper()
	events := forward.NewEvents()
	f := newForwarderWith(t, events)
	teacher, _ := join(t, f, "teacher", 0)
	_, viewer := join(t, f, "viewer", 1)
	w := events.Watch()
	camera := teacher.Incoming(forward.Track{
		Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8,
	})
	p := newPicture(t)
	receive(camera, p.next(0, true), time.Now())
	time.Sleep(3 * time.Second)
	receive(camera, p.next(1, true), time.Now())
	synctest.Wait()
	before := viewer.packets.Load()
	for n := range int(during / every) {
		receive(camera, p.next(n+2, false), time.Now())
		time.Sleep(every)
	}
	time.Sleep(2 * time.Second)
	synctest.Wait()
	for len(w.C) > 0 {
		for _, s := range (<-w.C).GetSamples().GetSamples() {
			if s.GetParticipantId() == "teacher" {
				refused += int(s.GetPacketsRefused())
			}
		}
	}
	return int(viewer.packets.Load() - before), refused
}

func TestLayer_WhatIsFarTooMuchReachesNobodyAndIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const sent = 10_000
		got, refused := policed(t, 400*time.Microsecond, 4*time.Second) // 24 Mbit/s
		if most := 5 * 8_000_000 / 8 / 1_212; got > most || got < most*9/10 {
			t.Errorf("%d of %d packets forwarded in 4 s, want close to %d: 8 Mbit/s and a second's worth at once", got, sent, most)
		}
		if got+refused != sent {
			t.Errorf("%d forwarded and %d refused of %d", got, refused, sent)
		}
	})
}

func TestLayer_WhatAnEncoderMaySendIsNotPoliced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, refused := policed(t, 1_300*time.Microsecond, 10*time.Second) // 7.5 Mbit/s
		if refused > 0 || got != 7_692 {
			t.Errorf("%d forwarded, %d refused", got, refused)
		}
	})
}
