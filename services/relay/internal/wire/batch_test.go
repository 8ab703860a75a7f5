package wire

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
)

// refusing is a destination that the kernel does not send to: port 0.
func refusing(p *Ports) Path {
	return Path{socket: p.sockets.udp[0][0], remote: netip.AddrPortFrom(p.addresses[0], 0)}
}

func TestBatch_DeliversEveryPacketWholeAndInOrder(t *testing.T) {
	p := open(t, Params{})
	b := p.Batch()
	random := rand.New(rand.NewPCG(1, 2))
	remotes := make([]remote, 7)
	for i := range remotes {
		remotes[i] = newRemote(t, "127.0.0.1")
	}
	for range 20 { // portions that a remote's buffer holds
		want := make([][][]byte, len(remotes))
		for i := range 75 {
			to, n := random.IntN(len(remotes)), 1200
			switch random.IntN(4) {
			case 0:
				n = 1 + random.IntN(MTU)
			case 1:
				to = 0 // runs
			}
			put(t, b, remotes[to].path(p), packet(i, n))
			want[to] = append(want[to], packet(i, n))
			if random.IntN(5) == 0 {
				copy(b.Reserve(remotes[to].path(p), n), "never sent")
				b.Cancel()
			}
		}
		b.Flush()
		for to, packets := range want {
			for i, data := range packets {
				if got := remotes[to].receive(); !bytes.Equal(got, data) {
					t.Fatalf("remote %d, packet %d: %d bytes, want %d", to, i, len(got), len(data))
				}
			}
		}
	}
	p.Return(b)
	if s := p.Stats(); s.Packets != 1500 || s.Errors != 0 || s.Drops != 0 {
		t.Errorf("%+v", s)
	}
}

func TestBatch_ABatchBesideItCountsForItAndLeavesWhenReturned(t *testing.T) {
	p, to := open(t, Params{}), newRemote(t, "127.0.0.1")
	b := p.Batch()
	defer p.Return(b)
	put(t, b, to.path(p), packet(1, 100))
	for range 2 {
		other := b.Beside()
		if !other.Now().Equal(b.Now()) {
			t.Error("another time")
		}
		put(t, other, to.path(p), packet(2, 100))
		put(t, other, to.path(p), packet(3, 100))
		other.Return()
		for number := range 2 {
			if got := to.receive(); !bytes.Equal(got, packet(2+number, 100)) {
				t.Errorf("%d bytes come in place of packet %d", len(got), 2+number)
			}
		}
	}
	if b.sent() != 5 {
		t.Errorf("%d datagrams in all", b.sent())
	}
}

func TestBatch_FlushesByItselfWhenItIsFull(t *testing.T) {
	p := open(t, Params{})
	b := p.Batch()
	many, few := make([]remote, maxMessages+1), newRemote(t, "127.0.0.1")
	for i := range many {
		many[i] = newRemote(t, "127.0.0.1")
		put(t, b, many[i].path(p), packet(i, 50))
	}
	if s := p.Stats(); s.Packets != maxMessages {
		t.Errorf("%+v after %d messages", s, len(many))
	}
	b.Flush()
	for i, r := range many {
		if got := r.receive(); !bytes.Equal(got, packet(i, 50)) {
			t.Fatalf("packet to remote %d is wrong", i)
		}
	}
	before := p.Stats().Packets
	for i := range arenaSize / MTU {
		put(t, b, refusing(p), packet(i, MTU))
	}
	put(t, b, few.path(p), packet(1, MTU))
	if got := p.Stats(); got.Errors != arenaSize/MTU || got.Packets != before {
		t.Errorf("%+v after a full arena", got)
	}
	p.Return(b)
	if got := few.receive(); !bytes.Equal(got, packet(1, MTU)) {
		t.Error("the packet behind a full arena is wrong")
	}
}

func TestBatch_RefusesWhatCannotBeSent(t *testing.T) {
	p := open(t, Params{})
	b, to := p.Batch(), newRemote(t, "127.0.0.1").path(p)
	for name, room := range map[string][]byte{
		"none":     b.Reserve(Path{}, 100),
		"empty":    b.Reserve(to, 0),
		"too long": b.Reserve(to, MTU+1),
	} {
		if room != nil {
			t.Errorf("%s: room", name)
		}
	}
	b.Cancel()
	p.Return(b)
	if s := p.Stats(); s.Packets != 0 || s.Syscalls != 0 {
		t.Errorf("%+v", s)
	}
	for _, data := range [][]byte{nil, make([]byte, MTU+1)} {
		if err := p.Send(to, data); err == nil {
			t.Errorf("%d bytes sent", len(data))
		}
	}
}

func TestBatch_CancelTakesBackTheLastReserveAlone(t *testing.T) {
	p := open(t, Params{})
	a, z := newRemote(t, "127.0.0.1"), newRemote(t, "127.0.0.1")
	b := p.Batch()
	put(t, b, a.path(p), packet(1, 100))
	b.Reserve(a.path(p), 50) // shorter: would close the message
	b.Cancel()
	b.Cancel()
	put(t, b, a.path(p), packet(2, 100))
	b.Reserve(z.path(p), 100)
	b.Cancel()
	put(t, b, z.path(p), packet(3, 100))
	p.Return(b)
	for i, got := range [][]byte{a.receive(), a.receive(), z.receive()} {
		if !bytes.Equal(got, packet(i+1, 100)) {
			t.Errorf("packet %d is wrong", i+1)
		}
	}
	if s := p.Stats(); s.Packets != 3 {
		t.Errorf("%+v", s)
	}
}

func TestBatch_ARefusedDestinationCostsNobodyElseAPacket(t *testing.T) {
	p := open(t, Params{})
	good := newRemote(t, "127.0.0.1")
	b := p.Batch()
	for i := range 20 {
		if i == 0 || i == 7 || i == 8 || i == 19 {
			put(t, b, refusing(p), packet(i, 100))
			continue
		}
		put(t, b, good.path(p), packet(i, 300+i))
	}
	p.Return(b)
	for i := range 20 {
		if i == 0 || i == 7 || i == 8 || i == 19 {
			continue
		}
		if got := good.receive(); !bytes.Equal(got, packet(i, 300+i)) {
			t.Fatalf("packet %d is wrong", i)
		}
	}
	if s := p.Stats(); s.Packets != 16 || s.Errors != 4 || s.Drops != 0 {
		t.Errorf("%+v", s)
	}
}

func TestSend_SendsAtOnceAndTellsARefusal(t *testing.T) {
	p := open(t, Params{})
	to := newRemote(t, "127.0.0.1")
	if err := p.Send(to.path(p), []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if got := to.receive(); string(got) != "hello" {
		t.Errorf("got %q", got)
	}
	if err := p.Send(refusing(p), []byte("hello")); err == nil || errors.Is(err, net.ErrClosed) {
		t.Errorf("refused destination: %v", err)
	}
	if err := p.Send(Path{}, []byte("hello")); err == nil {
		t.Error("sent to none")
	}
}

func TestSend_ManyGoroutinesShareASocket(t *testing.T) {
	p := open(t, Params{})
	to := newRemote(t, "127.0.0.1")
	errs := make(chan error)
	for range 8 {
		go func() {
			var err error
			for i := range 8 {
				err = errors.Join(err, p.Send(to.path(p), packet(i, 100)))
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := wait(t, errs, "end of a sender"); err != nil {
			t.Error(err)
		}
	}
	for range 64 {
		to.receive()
	}
}
