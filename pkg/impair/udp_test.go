package impair

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

func TestUDP_GivesEachClientAnAddressOfItsOwn(t *testing.T) {
	u := startUDP(t, Params{Target: echoUDP(t)})
	one, two := dialUDP(t, u), dialUDP(t, u)
	for n := range uint32(20) {
		one.send(n)
		two.send(1000 + n)
	}
	for n := range uint32(20) {
		if got := one.receive(); got != n {
			t.Fatalf("client one received %d, want %d", got, n)
		}
		if got := two.receive(); got != 1000+n {
			t.Fatalf("client two received %d, want %d", got, 1000+n)
		}
	}
	if one.source == two.source {
		t.Errorf("the server saw both clients as %v", one.source)
	}
	if s := u.Stats(Down); s.Delivered != 40 || s.Bytes != 40*packetSize {
		t.Errorf("down: %+v", s)
	}
}

func TestUDP_DelaysEachDirectionByItself(t *testing.T) {
	u := startUDP(t, Params{Target: echoUDP(t)})
	c := dialUDP(t, u)
	roundTrip := func(n uint32) time.Duration {
		sent := time.Now()
		c.send(n)
		if got := c.receive(); got != n {
			t.Fatalf("received %d, want %d", got, n)
		}
		return time.Since(sent)
	}
	u.Set(Up, Conditions{Delay: 60 * time.Millisecond})
	if d := roundTrip(1); d < 60*time.Millisecond {
		t.Errorf("round trip with 60 ms up: %v", d)
	}
	u.Set(Down, Conditions{Delay: 90 * time.Millisecond})
	if d := roundTrip(2); d < 150*time.Millisecond {
		t.Errorf("round trip with 60 ms up and 90 ms down: %v", d)
	}
}

func TestUDP_LosesTheSamePacketsForTheSameSeed(t *testing.T) {
	target := echoUDP(t)
	survivors := func() []uint32 {
		u := startUDP(t, Params{Target: target, Seed: 3, Up: Conditions{Loss: 0.3}})
		c := dialUDP(t, u)
		for n := range uint32(200) {
			c.send(n)
		}
		testkit.Eventually(t, func() bool { return u.Stats(Up).Received == 200 }, "200 packets entered")
		var got []uint32
		for range 200 - u.Stats(Up).Lost {
			got = append(got, c.receive())
		}
		return got
	}
	first, second := survivors(), survivors()
	if len(first) < 110 || len(first) > 170 {
		t.Errorf("%d of 200 survived 30 %% loss", len(first))
	}
	if len(first) != len(second) {
		t.Fatalf("%d, then %d survived", len(first), len(second))
	}
	for i := range first {
		if first[i] != second[i] {
			t.Fatalf("survivor %d is %d, then %d", i, first[i], second[i])
		}
	}
}

func TestUDP_CutAndHealedKeepsTheClientsAddress(t *testing.T) {
	u := startUDP(t, Params{Target: echoUDP(t)})
	c := dialUDP(t, u)
	c.send(1)
	c.receive()
	before := c.source
	u.SetBoth(Conditions{Cut: true})
	c.send(2)
	testkit.Eventually(t, func() bool { return u.Stats(Up).CutOff == 1 }, "the packet was cut off")
	u.SetBoth(Conditions{})
	c.send(3)
	if got := c.receive(); got != 3 {
		t.Errorf("received %d after the cut", got)
	}
	if c.source != before {
		t.Errorf("the server saw %v, then %v", before, c.source)
	}
}

const packetSize = 24

// client sends numbered packets and receives the server's echoes, which carry the address that the server saw.
type client struct {
	t      testing.TB
	conn   *net.UDPConn
	source netip.AddrPort
}

func dialUDP(t testing.TB, u *UDP) *client {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(u.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{t: t, conn: conn}
}

func (c *client) send(n uint32) {
	c.t.Helper()
	packet := make([]byte, packetSize)
	binary.BigEndian.PutUint32(packet, n)
	if _, err := c.conn.Write(packet); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) receive() uint32 {
	c.t.Helper()
	buf := make([]byte, packetSize)
	if err := c.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.conn.Read(buf); err != nil {
		c.t.Fatal(err)
	}
	address, _ := netip.AddrFromSlice(buf[4:20])
	c.source = netip.AddrPortFrom(address, binary.BigEndian.Uint16(buf[20:]))
	return binary.BigEndian.Uint32(buf)
}

// echoUDP answers each packet with its number and the sender's address.
func echoUDP(t testing.TB) string {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, packetSize)
		for {
			_, from, err := conn.ReadFromUDPAddrPort(buf)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			address := from.Addr().As16()
			copy(buf[4:], address[:])
			binary.BigEndian.PutUint16(buf[20:], from.Port())
			_, _ = conn.WriteToUDPAddrPort(buf, from)
		}
	}()
	return conn.LocalAddr().String()
}

func startUDP(t testing.TB, p Params) *UDP {
	t.Helper()
	testkit.NoLeaks(t)
	u, err := NewUDP(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	return u
}
