package forward_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

// TestIncoming_WhatBeganAnewDoesNotAddUp has a publisher change the codec of a watched camera once a second, as often
// as a peer lets it: each time a layer begins anew, with a cache of half a megabyte.
func TestIncoming_WhatBeganAnewDoesNotAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		teacher, _ := join(t, f, "teacher", 0)
		_, viewer := join(t, f, "viewer", 1)
		var layers []weak.Pointer[forward.Layer]
		begin := func(rid string) {
			l := teacher.Incoming(forward.Track{
				Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA, RID: rid, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8,
			})
			layers = append(layers, weak.Make(l))
			receive(l, newPicture(t).next(1, true), time.Now())
			time.Sleep(time.Second)
			synctest.Wait()
		}
		const changes = 40
		for range changes {
			for _, rid := range []string{"q", "h", "f"} {
				begin(rid)
			}
		}
		if n := viewer.packets.Load(); n < changes {
			t.Fatalf("the viewer saw %d packets of %d layers", n, len(layers))
		}
		runtime.GC()
		runtime.GC()
		alive := 0
		for _, l := range layers {
			if l.Value() != nil {
				alive++
			}
		}
		if most := 3 + 4; alive > most { // those of the camera, and what the viewer's slot remembers
			t.Errorf("%d of %d layers are kept", alive, len(layers))
		}
	})
}
