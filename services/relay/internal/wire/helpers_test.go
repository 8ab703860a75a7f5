package wire

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests; it is reached only by a failure.
const patience = 10 * time.Second

// arrival is a datagram that outlived its Receive.
type arrival struct {
	data []byte
	from Path
	at   time.Time
}

// recorder is a Handler that keeps what comes and answers with reply.
type recorder struct {
	arrived chan arrival
	closed  chan Path
	reply   func(Datagram, *Batch)
}

func newRecorder() *recorder {
	return &recorder{arrived: make(chan arrival, 4096), closed: make(chan Path, 4096)}
}

func (r *recorder) Receive(in []Datagram, out *Batch) {
	for _, d := range in {
		if r.reply != nil {
			r.reply(d, out)
		}
		r.arrived <- arrival{data: slices.Clone(d.Data), from: d.From, at: d.At}
	}
}

func (r *recorder) Closed(p Path) { r.closed <- p }

// wait takes the next value or fails.
func wait[T any](tb testing.TB, from <-chan T, what string) T {
	tb.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		tb.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

// open opens ports on loopback, closed at the end.
func open(tb testing.TB, p Params) *Ports {
	tb.Helper()
	if p.Listen == "" {
		p.Listen = "127.0.0.1:0"
	}
	ports, err := Open(p)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = ports.Close() })
	return ports
}

// serve opens ports and serves them until the end of the test.
func serve(tb testing.TB, p Params, h Handler) *Ports {
	tb.Helper()
	ports := open(tb, p)
	var served sync.WaitGroup
	served.Go(func() { ports.Serve(h) })
	tb.Cleanup(func() {
		_ = ports.Close()
		served.Wait()
	})
	return ports
}

func (p *Ports) address(site int) netip.AddrPort {
	return netip.AddrPortFrom(p.addresses[site], p.Port())
}

// remote is a participant's UDP socket.
type remote struct {
	tb   testing.TB
	conn *net.UDPConn
}

func newRemote(tb testing.TB, host string) remote {
	tb.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(host), 0)))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return remote{tb, conn}
}

func (r remote) address() netip.AddrPort { return r.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// path is the way from the ports to the remote, as if a datagram had come.
func (r remote) path(p *Ports) Path {
	return Path{socket: p.sockets.udp[0][0], remote: r.address()}
}

func (r remote) send(to netip.AddrPort, data []byte) {
	r.tb.Helper()
	if _, err := r.conn.WriteToUDPAddrPort(data, to); err != nil {
		r.tb.Fatal(err)
	}
}

// receive returns the next datagram.
func (r remote) receive() []byte {
	r.tb.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(patience))
	buffer := make([]byte, 2*MTU)
	n, err := r.conn.Read(buffer)
	if err != nil {
		r.tb.Fatal(err)
	}
	return buffer[:n]
}

// packet is n bytes that differ by number.
func packet(number, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(number + i)
	}
	return out
}

// put reserves and fills.
func put(tb testing.TB, b *Batch, to Path, data []byte) {
	tb.Helper()
	room := b.Reserve(to, len(data))
	if room == nil {
		tb.Fatalf("no room for %d bytes", len(data))
	}
	copy(room, data)
}
