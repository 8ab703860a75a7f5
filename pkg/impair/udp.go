package impair

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// inFlight is how many packets a direction holds at most; more are dropped as if a queue overflowed.
	inFlight = 16384
	// maxClients is how many client addresses a proxy serves; packets of more are dropped.
	maxClients = 4096
	maxPacket  = 65535
	socketBuf  = 4 << 20
)

// UDP is a proxy of packets. Each client address gets a socket of its own towards the server, so that the server can
// tell clients apart, and keeps it until Close.
type UDP struct {
	link
	socket *net.UDPConn
	target *net.UDPAddr
	queues [2]chan datagram
	closed chan struct{}
	once   sync.Once
	wg     sync.WaitGroup

	mu      sync.Mutex
	clients map[netip.AddrPort]*net.UDPConn
}

// datagram is one packet under way.
type datagram struct {
	out  time.Time
	data []byte
	// upstream is the client's socket towards the server, client its address.
	upstream *net.UDPConn
	client   netip.AddrPort
}

// NewUDP starts a proxy.
func NewUDP(p Params) (*UDP, error) {
	target, err := net.ResolveUDPAddr("udp", p.Target)
	if err != nil {
		return nil, fmt.Errorf("impair: target: %w", err)
	}
	local, err := net.ResolveUDPAddr("udp", p.listen())
	if err != nil {
		return nil, fmt.Errorf("impair: listen: %w", err)
	}
	socket, err := net.ListenUDP("udp", local)
	if err != nil {
		return nil, fmt.Errorf("impair: %w", err)
	}
	_ = socket.SetReadBuffer(socketBuf) // a smaller buffer is only less good
	u := &UDP{
		link: newLink(p), socket: socket, target: target,
		queues:  [2]chan datagram{make(chan datagram, inFlight), make(chan datagram, inFlight)},
		closed:  make(chan struct{}),
		clients: map[netip.AddrPort]*net.UDPConn{},
	}
	u.wg.Go(u.readClients)
	u.wg.Go(func() { u.pump(Up) })
	u.wg.Go(func() { u.pump(Down) })
	return u, nil
}

// Addr is the address that clients send to.
func (u *UDP) Addr() netip.AddrPort { return u.socket.LocalAddr().(*net.UDPAddr).AddrPort() }

// Close drops what is under way and returns when all goroutines have ended.
func (u *UDP) Close() {
	u.once.Do(func() {
		close(u.closed)
		_ = u.socket.Close()
		u.mu.Lock()
		for _, upstream := range u.clients {
			_ = upstream.Close()
		}
		u.clients = nil
		u.mu.Unlock()
	})
	u.wg.Wait()
}

// readClients takes packets from clients until the socket is closed.
func (u *UDP) readClients() {
	buf := make([]byte, maxPacket)
	for {
		n, client, err := u.socket.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // a refused packet of before
		}
		if upstream := u.upstream(client); upstream != nil {
			u.enter(Up, datagram{data: buf[:n], upstream: upstream, client: client})
		}
	}
}

// upstream returns a client's socket towards the server, made at its first packet; nil when there can be none.
func (u *UDP) upstream(client netip.AddrPort) *net.UDPConn {
	u.mu.Lock()
	defer u.mu.Unlock()
	if conn := u.clients[client]; conn != nil || u.clients == nil || len(u.clients) >= maxClients {
		return conn
	}
	conn, err := net.DialUDP("udp", nil, u.target)
	if err != nil {
		return nil
	}
	_ = conn.SetReadBuffer(socketBuf)
	u.clients[client] = conn
	u.wg.Go(func() { u.readServer(conn, client) })
	return conn
}

// readServer takes packets for one client from the server until the socket is closed.
func (u *UDP) readServer(upstream *net.UDPConn, client netip.AddrPort) {
	buf := make([]byte, maxPacket)
	for {
		n, err := upstream.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // the server's port is closed for the moment
		}
		u.enter(Down, datagram{data: buf[:n], upstream: upstream, client: client})
	}
}

// enter puts a packet on its way; it copies the data.
func (u *UDP) enter(d Direction, p datagram) {
	out, ok := u.lines[d].packet(time.Now(), len(p.data))
	if !ok {
		return
	}
	p.out = out
	p.data = append([]byte(nil), p.data...)
	select {
	case u.queues[d] <- p:
	default:
		u.lines[d].overflow()
	}
}

// pump delivers the packets of one direction when their time has come.
func (u *UDP) pump(d Direction) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var p datagram
		select {
		case <-u.closed:
			return
		case p = <-u.queues[d]:
		}
		if wait := time.Until(p.out); wait > 0 {
			timer.Reset(wait)
			select {
			case <-u.closed:
				return
			case <-timer.C:
			}
		}
		if !u.lines[d].deliver(len(p.data)) {
			continue
		}
		// A packet that cannot be sent is lost, as on any network.
		if d == Up {
			_, _ = p.upstream.Write(p.data)
		} else {
			_, _ = u.socket.WriteToUDPAddrPort(p.data, p.client)
		}
	}
}
