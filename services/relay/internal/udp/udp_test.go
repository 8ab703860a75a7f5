package udp_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/tongke-edu/tongke/services/relay/internal/udp"
)

func TestOpen_TakesOneNumberForUDPAndTCPOnEveryAddress(t *testing.T) {
	p, err := udp.Open(udp.Params{Listen: ":0"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	if p.Port() == 0 {
		t.Fatal("no port chosen")
	}
	loopback := false
	for _, addr := range p.Addresses() {
		loopback = loopback || addr.IsLoopback()
		conn, err := net.Dial("tcp", netip.AddrPortFrom(addr, p.Port()).String())
		if err != nil {
			t.Errorf("TCP: %v", err)
			continue
		}
		_ = conn.Close()
	}
	if !loopback {
		t.Errorf("addresses %v lack loopback", p.Addresses())
	}
	if got := len(p.UDPMux().GetListenAddresses()); got != len(p.Addresses()) {
		t.Errorf("UDP mux listens on %d addresses, want %d", got, len(p.Addresses()))
	}
}

func TestOpen_RefusesATakenPort(t *testing.T) {
	held, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	if p, err := udp.Open(udp.Params{Listen: held.LocalAddr().String()}); err == nil {
		_ = p.Close()
		t.Fatal("opened a port that is taken")
	}
}

func TestOpen_AdvertisesWithItsOwnPortUnlessAnotherIsGiven(t *testing.T) {
	p, err := udp.Open(udp.Params{Listen: "127.0.0.1:0", Advertise: []string{"203.0.113.7", "203.0.113.8:9000"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	want := []netip.AddrPort{
		netip.AddrPortFrom(netip.MustParseAddr("203.0.113.7"), p.Port()),
		netip.MustParseAddrPort("203.0.113.8:9000"),
	}
	got := p.Advertised()
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("advertised %v, want %v", got, want)
	}
}

func TestOpen_RefusesAnAdvertisedName(t *testing.T) {
	if p, err := udp.Open(udp.Params{Listen: "127.0.0.1:0", Advertise: []string{"relay.example"}}); err == nil {
		_ = p.Close()
		t.Fatal("a host name is not an address")
	}
}

func TestClose_FreesThePort(t *testing.T) {
	p, err := udp.Open(udp.Params{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.AddrPortFrom(p.Addresses()[0], p.Port()).String()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := udp.Open(udp.Params{Listen: addr})
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
}
