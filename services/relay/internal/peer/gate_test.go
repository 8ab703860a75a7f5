package peer

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

func TestGate_ForgeriesUseUpNothingOfWhatIsGenuine(t *testing.T) {
	g, now := newGate(1_000), time.Now()
	looked := 0
	for n := range 20_000 { // in one second, with genuine packets among them
		now = now.Add(50 * time.Microsecond)
		if g.admits(now, false) {
			g.looked(now, false)
			looked++
		}
		if n%40 == 0 {
			if !g.admits(now, true) {
				t.Fatal("a genuine packet is refused")
			}
			g.looked(now, true)
		}
	}
	if looked > 3*forgeriesPerSecond {
		t.Errorf("looked at %d forgeries", looked)
	}
}

func TestGate_WhatIsGenuineIsBoundedToo(t *testing.T) {
	g, now := newGate(1_000), time.Now()
	looked := 0
	for range 20_000 {
		now = now.Add(50 * time.Microsecond)
		if g.admits(now, true) {
			g.looked(now, true)
			looked++
		}
	}
	if looked > 2_000 || looked < 1_900 {
		t.Errorf("looked at %d packets of a second", looked)
	}
}

func TestChecks_ForgeriesOnOnesOwnWaysAreBoundedAndLeaveGenuineOnesAnswered(t *testing.T) {
	c, now := checks{gate: newGate(checksPerSecond)}, time.Now()
	c.looked(now, true)
	looked, answered := 0, 0
	for n := 1; n <= 20_000*10; n++ { // in ten seconds, with a genuine check every 2.5 s among them
		now = now.Add(50 * time.Microsecond)
		if genuine := n%50_000 == 0; c.admits(now, true) {
			c.looked(now, genuine)
			looked++
			if genuine {
				answered++
			}
		}
	}
	if answered != 4 {
		t.Errorf("%d of 4 genuine checks answered", answered)
	}
	if looked > 200_000/4 {
		t.Errorf("looked at %d checks of 200,000", looked)
	}
}

func TestRecordGate_JunkInTheClearLeavesRoomForSealedRecords(t *testing.T) {
	g, now := newRecordGate(), time.Now()
	hello, sealed := rawRecord(22, 0), rawRecord(23, 1)
	admitted := 0
	for range 20_000 {
		now = now.Add(50 * time.Microsecond)
		if g.admits(now, hello) {
			admitted++
		}
	}
	if admitted > 3*hellosPerSecond {
		t.Errorf("%d hellos admitted in a second", admitted)
	}
	if !g.admits(now, sealed) || g.admits(now, sealed[:4]) {
		t.Error("a sealed record is refused, or half a header admitted")
	}
}

// rawRecord is a DTLS record with some content.
func rawRecord(kind, epoch byte) []byte {
	return append([]byte{kind, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 0, 0, 2}, 1, 0)
}

func TestRecordGate_NobodyEndsAConnectionWithAnAlertInTheClear(t *testing.T) {
	const alert = 21
	for name, c := range map[string]struct {
		datagram []byte
		admitted bool
	}{
		"a sealed alert":                 {rawRecord(alert, 1), true},
		"an alert in the clear":          {rawRecord(alert, 0), false},
		"one behind a sealed record":     {append(rawRecord(23, 1), rawRecord(alert, 0)...), false},
		"data in the clear":              {rawRecord(23, 0), false},
		"the last flight of a handshake": {append(rawRecord(22, 0), rawRecord(22, 1)...), true},
		"a record that is cut off":       {rawRecord(23, 1)[:14], false},
	} {
		g := newRecordGate()
		if got := g.admits(time.Now(), c.datagram); got != c.admitted {
			t.Errorf("%s: admitted %v", name, got)
		}
	}
}

// datagram seems to come from a client's own address.
func (c *client) datagram(data []byte) []wire.Datagram {
	return []wire.Datagram{{Data: data, From: c.peer.way(), At: time.Now()}}
}

func TestPeer_ForgeriesFromItsOwnAddressDoNotDisturbIt(t *testing.T) {
	r := newRig(t)
	teacher, viewer := join(r, "teacher"), join(r, "viewer")
	s := camera("q")
	teacher.seenBy(viewer, s)
	out := r.ports.Batch()
	defer r.ports.Return(out)
	for n := range uint32(5_000) {
		media := make([]byte, 200)
		media[0], media[1] = 0x80, vp8Type
		media[8], media[9], media[10], media[11] = byte(n>>24)|1, byte(n>>16), byte(n>>8), byte(n)
		r.hub.Receive(teacher.datagram(media), out)
		reports := make([]byte, 60)
		reports[0], reports[1], reports[4], reports[56] = 0x80, 201, byte(n), 0x80
		r.hub.Receive(teacher.datagram(reports), out)
		r.hub.Receive(teacher.datagram(append([]byte{22, 254, 255, 0, 0}, make([]byte, 100)...)), out)
		r.hub.Receive(teacher.datagram(teacher.binding("wrong")), out)
	}
	teacher.seenBy(viewer, s)
	testkit.Eventually(t, func() bool { return r.refusals("teacher") > 3*5_000 }, "forgeries are counted")
	if n := teacher.streams(); n != 1 {
		t.Errorf("%d streams known", n)
	}
}

func TestPeer_ReportsAreLimited(t *testing.T) {
	r := newRig(t)
	viewer := join(r, "viewer")
	plain := []byte{0x80, 201, 0, 1, 0, 0, 0, 9}
	testkit.Eventually(t, func() bool {
		for range reportsPerSecond {
			sealed, err := viewer.control.EncryptRTCP(nil, plain, nil)
			must(t, err)
			out := r.ports.Batch()
			r.hub.Receive(viewer.datagram(sealed), out)
			r.ports.Return(out)
		}
		return r.refusals("viewer") >= reportsPerSecond
	}, "the excess is refused and counted")
	if viewer.peer.way() == (wire.Path{}) || r.forwarder.Connections() != 1 {
		t.Error("the connection is gone")
	}
}

func TestPeer_WhatAClientSendsTooMuchIsDroppedAndCounted(t *testing.T) {
	r := newRig(t)
	teacher := join(r, "teacher")
	s := camera("q")
	big := append(frame(1), make([]byte, 1_000)...)
	begin := time.Now()
	testkit.Eventually(t, func() bool {
		for range 500 {
			teacher.send(s, big)
		}
		return r.refusals("teacher") > 0
	}, "the excess is refused")
	most := uint64(2.2 * 8_000_000) // and a second is not always one
	testkit.Eventually(t, func() bool { return r.bitrateUp("teacher") > 0 }, "a sample")
	if up := r.bitrateUp("teacher"); up > most {
		t.Errorf("%d bit/s accepted after %v", up, time.Since(begin))
	}
}

var _ forward.Transport = (*Peer)(nil)
