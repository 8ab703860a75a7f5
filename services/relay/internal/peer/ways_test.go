package peer

import (
	"net"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// moves nominates a way and uses it, until it is answered on.
func (c *client) moves(w *way) {
	c.t.Helper()
	c.check(w)
	s := &track{ssrc: 70, payloadType: opusType, mid: microphoneMid}
	testkit.Eventually(c.t, func() bool {
		c.send(s, []byte("sound"))
		return c.peer.way().Remote().String() == w.LocalAddr().String()
	}, "the way has changed")
}

func TestWay_ChangesWithTheAddressOfTheClient(t *testing.T) {
	for name, network := range map[string]string{"from UDP to UDP": "udp", "from UDP to TCP": "tcp"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			teacher, viewer := join(r, "teacher"), join(r, "viewer")
			s := camera("q")
			teacher.seenBy(viewer, s)
			for _, c := range []*client{teacher, viewer} {
				old := c.current.Load()
				c.moves(c.open(network))
				must(t, old.Close()) // the NAT has forgotten it
			}
			teacher.seenBy(viewer, s)
			if got := viewer.peer.Path().Network; got != network {
				t.Errorf("the viewer is sent to by %q", got)
			}
			if viewer.broken > 0 {
				t.Errorf("%d packets could not be opened", viewer.broken)
			}
		})
	}
}

func TestWay_GoesBackToUDPWhenTheConnectionIsLost(t *testing.T) {
	r := newRig(t)
	teacher, viewer := join(r, "teacher"), join(r, "viewer")
	s := camera("q")
	udp := viewer.current.Load()
	tcp := viewer.open("tcp")
	viewer.moves(tcp)
	teacher.seenBy(viewer, s)
	must(t, tcp.Close())
	testkit.Eventually(t, func() bool { return viewer.peer.Path().Network == "" }, "the connection is lost")
	viewer.moves(udp)
	teacher.seenBy(viewer, s)
}

func TestWay_ACheckAloneAimsNoMedia(t *testing.T) {
	r := newRig(t)
	teacher, viewer := join(r, "teacher"), join(r, "viewer")
	before := viewer.peer.way()
	s := camera("q")
	teacher.seenBy(viewer, s)
	viewer.check(viewer.open("udp")) // as if the address were somebody else's
	if viewer.peer.way() != before {
		t.Error("media goes where nothing genuine came from")
	}
}

func TestHub_EveryDatagramGoesToTheOneWhoSentIt(t *testing.T) {
	r := newRig(t)
	first, second := join(r, "first"), join(r, "second")
	datagram := func(c *client, data []byte) wire.Datagram {
		return wire.Datagram{Data: data, From: c.peer.way(), At: time.Now()}
	}
	s := camera("q")
	s.ssrc = 71
	out := r.ports.Batch()
	defer r.ports.Return(out)
	r.hub.Receive([]wire.Datagram{
		datagram(first, first.seal(camera("q"), keyframe(1))),
		datagram(second, second.binding(second.peer.credentials.Password)),
		datagram(second, second.seal(s, keyframe(1))),
	}, out)
	testkit.Eventually(t, func() bool {
		_, known := second.known(s.ssrc)
		return known
	}, "a packet behind a check is given to its sender")
	testkit.Eventually(t, func() bool { return r.refusals("first") == 0 }, "nothing of the first was refused")
}

func TestWay_IsNotChangedByAWrongPassword(t *testing.T) {
	r := newRig(t)
	viewer := join(r, "viewer")
	before := viewer.peer.way()
	thief := viewer.open("udp")
	answers := viewer.confirmed.Load()
	for range 50 {
		thief.send(viewer.binding("not the password of the peer"))
	}
	testkit.Eventually(t, func() bool { return r.refusals("viewer") == 50 }, "all forgeries are counted")
	if viewer.peer.way() != before || viewer.confirmed.Load() > answers {
		t.Error("a forged check moved the way or was answered")
	}
}

// forged is a check with right credentials that seems to come from somebody else's address.
func forged(by *client, from wire.Path) *wire.Datagram {
	return &wire.Datagram{Data: by.binding(by.peer.credentials.Password), From: from, At: time.Now()}
}

func TestWay_OfOneWhoIsThereCannotBeTaken(t *testing.T) {
	r := newRig(t)
	victim, thief := join(r, "victim"), join(r, "thief")
	way := victim.peer.way()
	for n := range 10 {
		r.hub.check(forged(thief, way), time.Now().Add(time.Duration(n)*100*time.Millisecond))
	}
	if r.hub.on(way) != victim.peer || victim.peer.way() != way || thief.peer.way() == way {
		t.Fatal("the thief has taken the victim's way")
	}
	teacher := join(r, "teacher")
	teacher.seenBy(victim, camera("q"))
}

func TestWay_OfOneWhoIsSilentGoesToTheNext(t *testing.T) {
	r := newRig(t)
	gone, next := newClient(r, "gone"), join(r, "next")
	gone.check(gone.open("udp"))
	way := gone.peer.way()
	r.hub.check(forged(next, way), time.Now().Add(pathLife+time.Second)) // the NAT gave the port to another
	if r.hub.on(way) != next.peer {
		t.Error("the way still belongs to the one who is gone")
	}
}

func TestWay_ThatNothingComesOverGoesToTheNextThoughItsPeerIsThere(t *testing.T) {
	r := newRig(t)
	mover, next := join(r, "mover"), join(r, "next")
	current := mover.peer.way()
	old := mover.open("udp")
	mover.check(old)
	left := path(mover.peer, old)
	r.hub.check(forged(next, left), time.Now())
	if r.hub.on(left) != mover.peer {
		t.Fatal("a way in reserve is taken")
	}
	later := time.Now().Add(pathLife + time.Second)
	r.hub.check(forged(mover, current), later)
	r.hub.check(forged(next, left), later) // the NAT gave the port to another
	r.hub.check(forged(next, current), later)
	if r.hub.on(left) != next.peer {
		t.Error("the way still belongs to the one who left it")
	}
	if r.hub.on(current) != mover.peer {
		t.Error("the way in use is taken")
	}
}

// path is a way of a client as its peer knows it.
func path(p *Peer, w *way) wire.Path {
	p.hub.mu.RLock()
	defer p.hub.mu.RUnlock()
	for _, r := range p.paths {
		if r.Remote().String() == w.LocalAddr().String() {
			return r.Path
		}
	}
	return wire.Path{}
}

func TestWay_TheOldestIsForgottenBeyondTheBound(t *testing.T) {
	r := newRig(t)
	viewer := newClient(r, "viewer")
	for range maxPaths + 5 {
		viewer.check(viewer.open("udp"))
	}
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	if n := len(viewer.peer.paths); n != maxPaths || len(r.hub.byPath) != maxPaths {
		t.Errorf("%d ways of the peer, %d in all", n, len(r.hub.byPath))
	}
}

func TestWay_AnUnknownAddressReachesNobody(t *testing.T) {
	r := newRig(t)
	teacher, viewer := join(r, "teacher"), join(r, "viewer")
	s := camera("q")
	teacher.seenBy(viewer, s)
	stranger, err := net.Dial("udp", teacher.current.Load().RemoteAddr().String())
	must(t, err)
	defer stranger.Close() //nolint:errcheck // nothing was written that matters
	known := len(viewer.got(viewer.video0()))
	for range 10 { // genuine packets by a way that no check has opened
		_, err := stranger.Write(teacher.seal(s, keyframe(1)))
		must(t, err)
	}
	teacher.seenBy(viewer, s)
	if n := len(viewer.got(viewer.video0())) - known; n >= 10 {
		t.Errorf("%d packets forwarded", n)
	}
}
