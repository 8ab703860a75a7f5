package wire

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
)

func TestOpen_TakesOneNumberForUDPAndTCPOnEveryAddress(t *testing.T) {
	handler := newRecorder()
	p := serve(t, Params{Listen: ":0"}, handler)
	if p.Port() == 0 || !p.UDP() {
		t.Fatalf("port %d, UDP %v", p.Port(), p.UDP())
	}
	if !slices.ContainsFunc(p.Addresses(), netip.Addr.IsLoopback) {
		t.Errorf("addresses %v lack loopback", p.Addresses())
	}
	for site, addr := range p.Addresses() {
		conn, err := net.Dial("tcp", p.address(site).String())
		if err != nil {
			t.Errorf("TCP: %v", err)
			continue
		}
		_ = conn.Close()
		newRemote(t, addr.String()).send(p.address(site), []byte("hello"))
		if got := wait(t, handler.arrived, "datagram").from; got.Remote().Addr() != addr || got.Network() != "udp" {
			t.Errorf("came from %v over %q, want %v", got.Remote(), got.Network(), addr)
		}
	}
}

func TestOpen_RefusesATakenPort(t *testing.T) {
	held, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	if p, err := Open(Params{Listen: held.LocalAddr().String()}); err == nil {
		_ = p.Close()
		t.Fatal("opened a port that is taken")
	}
}

func TestOpen_RefusesThePortOfAnotherRelay(t *testing.T) {
	first := open(t, Params{})
	if p, err := Open(Params{Listen: first.address(0).String()}); err == nil {
		_ = p.Close()
		t.Fatal("two relays hold one port")
	}
}

func TestOpen_AdvertisesWithItsOwnPortUnlessAnotherIsGiven(t *testing.T) {
	p := open(t, Params{Advertise: []string{"203.0.113.7", "203.0.113.8:9000"}})
	want := []netip.AddrPort{
		netip.AddrPortFrom(netip.MustParseAddr("203.0.113.7"), p.Port()),
		netip.MustParseAddrPort("203.0.113.8:9000"),
	}
	if got := p.Advertised(); !slices.Equal(got, want) {
		t.Errorf("advertised %v, want %v", got, want)
	}
}

func TestOpen_RefusesWhatIsNoAddress(t *testing.T) {
	for name, params := range map[string]Params{
		"advertised name": {Listen: "127.0.0.1:0", Advertise: []string{"relay.example"}},
		"no port":         {Listen: "127.0.0.1"},
		"zone":            {Listen: "[fe80::1%1]:0"},
	} {
		if p, err := Open(params); err == nil {
			_ = p.Close()
			t.Errorf("%s: opened", name)
		}
	}
}

func TestOpen_WithoutUDPLeavesTCPAlone(t *testing.T) {
	p := open(t, Params{DisableUDP: true})
	if p.UDP() {
		t.Error("UDP is there")
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(p.address(0)))
	if err != nil {
		t.Fatalf("UDP port is held: %v", err)
	}
	_ = conn.Close()
}

func TestClose_FreesThePortAndEndsEverything(t *testing.T) {
	handler := newRecorder()
	p, err := Open(Params{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		p.Serve(handler)
		close(ended)
	}()
	remote := newRemote(t, "127.0.0.1")
	remote.send(p.address(0), []byte("hello"))
	path := wait(t, handler.arrived, "datagram").from
	conn := dial(t, p)
	conn.send([]byte("hello"))
	framed := wait(t, handler.arrived, "frame").from

	batch := p.Batch()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	wait(t, ended, "end of Serve")
	if got := wait(t, handler.closed, "Closed"); got != framed {
		t.Errorf("closed %v, want %v", got, framed)
	}
	for _, to := range []Path{path, framed} {
		if batch.Reserve(to, 10) != nil {
			t.Errorf("room for %s after Close", to.Network())
		}
		if err := p.Send(to, []byte("late")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Send over %s after Close: %v", to.Network(), err)
		}
	}
	p.Return(batch)
	p.Serve(handler) // returns
	again, err := Open(Params{Listen: p.address(0).String()})
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
}

func TestPath_OfARemoteStaysTheSame(t *testing.T) {
	handler := newRecorder()
	p := serve(t, Params{}, handler)
	remote, other := newRemote(t, "127.0.0.1"), newRemote(t, "127.0.0.1")
	remote.send(p.address(0), []byte("1"))
	first := wait(t, handler.arrived, "datagram").from
	remote.send(p.address(0), []byte("2"))
	if second := wait(t, handler.arrived, "datagram").from; second != first {
		t.Errorf("%v, then %v", first, second)
	}
	other.send(p.address(0), []byte("3"))
	if third := wait(t, handler.arrived, "datagram").from; third == first {
		t.Error("two remotes share a Path")
	}
	if none := (Path{}); none.Network() != "" || none == first {
		t.Error("the zero Path is not none")
	}
}
