package impair

import (
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	// pieceSize is how much of a stream is delayed as one: a few packets of Ethernet.
	pieceSize = 4 << 10
	// pieces is how many are under way in a direction of a connection before its sender is held back.
	pieces      = 1024
	dialTimeout = 10 * time.Second
)

// TCP is a proxy of connections. While the line up is cut, new connections wait.
type TCP struct {
	link
	listener net.Listener
	target   string
	closed   chan struct{}
	once     sync.Once
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// piece is a part of a stream under way; no data means that the sender closed its side.
type piece struct {
	out  time.Time
	data []byte
}

// NewTCP starts a proxy.
func NewTCP(p Params) (*TCP, error) {
	listener, err := net.Listen("tcp", p.listen())
	if err != nil {
		return nil, fmt.Errorf("impair: %w", err)
	}
	t := &TCP{
		link: newLink(p), listener: listener, target: p.Target,
		closed: make(chan struct{}), conns: map[net.Conn]struct{}{},
	}
	t.wg.Go(t.accept)
	return t, nil
}

// Addr is the address that clients connect to.
func (t *TCP) Addr() string { return t.listener.Addr().String() }

// Reset breaks all connections of now, in both directions at once.
func (t *TCP) Reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
}

// Close breaks all connections and returns when all goroutines have ended.
func (t *TCP) Close() {
	t.once.Do(func() {
		close(t.closed)
		_ = t.listener.Close()
		t.Reset()
	})
	t.wg.Wait()
}

func (t *TCP) accept() {
	for {
		client, err := t.listener.Accept()
		if err != nil {
			return // closed
		}
		t.wg.Go(func() { t.serve(client) })
	}
}

// track remembers a connection for Reset and Close; false when the proxy is closed already.
func (t *TCP) track(c net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-t.closed:
		_ = c.Close()
		return false
	default:
		t.conns[c] = struct{}{}
		return true
	}
}

func (t *TCP) forget(c net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.conns, c)
	_ = c.Close()
}

// serve carries one connection until both sides have ended.
func (t *TCP) serve(client net.Conn) {
	if !t.track(client) {
		return
	}
	defer t.forget(client)
	if !t.passable(Up) {
		return
	}
	server, err := net.DialTimeout("tcp", t.target, dialTimeout)
	if err != nil || !t.track(server) {
		return
	}
	defer t.forget(server)
	var both sync.WaitGroup
	both.Go(func() { t.carry(Up, client, server) })
	both.Go(func() { t.carry(Down, server, client) })
	both.Wait()
}

// carry moves one direction of a connection.
func (t *TCP) carry(d Direction, from, to net.Conn) {
	queue := make(chan piece, pieces)
	gone := make(chan struct{}) // closed when the writer has ended
	go func() {
		defer close(gone)
		t.write(d, queue, from, to)
	}()
	t.read(d, from, queue, gone)
	close(queue)
	<-gone
}

// read puts pieces on their way until the sender ends, and then the end itself.
func (t *TCP) read(d Direction, from net.Conn, queue chan<- piece, gone <-chan struct{}) {
	for {
		buf := make([]byte, pieceSize)
		n, err := from.Read(buf)
		if n > 0 && !t.put(queue, piece{t.lines[d].piece(time.Now(), n), buf[:n]}, gone) {
			return
		}
		if err != nil {
			t.put(queue, piece{out: t.lines[d].piece(time.Now(), 0)}, gone)
			return
		}
		if excess := t.lines[d].excess(time.Now()); excess > 0 && !t.wait(excess) {
			return
		}
	}
}

func (t *TCP) put(queue chan<- piece, p piece, gone <-chan struct{}) bool {
	select {
	case queue <- p:
		return true
	case <-gone:
		return false
	case <-t.closed:
		return false
	}
}

// write delivers pieces in their time. When the receiver is gone, the sender is told.
func (t *TCP) write(d Direction, queue <-chan piece, from, to net.Conn) {
	for p := range queue {
		if !t.wait(time.Until(p.out)) || !t.passable(d) {
			return
		}
		if p.data == nil {
			if half, ok := to.(*net.TCPConn); ok {
				_ = half.CloseWrite()
			}
			return
		}
		for !t.lines[d].deliver(len(p.data)) { // cut again meanwhile
			if !t.passable(d) {
				return
			}
		}
		if _, err := to.Write(p.data); err != nil {
			_ = from.Close()
			return
		}
	}
}

// wait returns false when the proxy is closed first.
func (t *TCP) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.closed:
		return false
	}
}

// passable waits while a direction is cut; false when the proxy is closed first.
func (t *TCP) passable(d Direction) bool {
	for {
		blocked := t.lines[d].blocked()
		if blocked == nil {
			return true
		}
		select {
		case <-blocked:
		case <-t.closed:
			return false
		}
	}
}
