package peer

import (
	"bytes"
	"net"
	"sync"
	"time"

	"github.com/pion/transport/v4/packetio"

	"github.com/tongke-edu/tongke/services/relay/internal/record"
)

// maxWaiting bounds in bytes what a client may send of a handshake faster than it is read.
const maxWaiting = 128 << 10

// pipe is the DTLS part of what a peer sends and receives, as the net.PacketConn that a handshake wants.
type pipe struct {
	*packetio.Buffer
	peer *Peer

	mu       sync.Mutex
	silenced bool
	flight   [][]byte // what was sent since we changed keys: the last flight
}

func newPipe(p *Peer) *pipe {
	b := &pipe{Buffer: packetio.NewBuffer(), peer: p}
	b.SetLimitSize(maxWaiting)
	return b
}

// push hands a record to DTLS. What it cannot hold is lost, as on any network.
func (b *pipe) push(data []byte) { _, _ = b.Write(data) }

func (b *pipe) ReadFrom(to []byte) (int, net.Addr, error) {
	n, err := b.Read(to)
	return n, b.RemoteAddr(), err
}

func (b *pipe) WriteTo(data []byte, _ net.Addr) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silenced {
		return len(data), nil
	}
	switch {
	case record.Type(data[0]) == record.ChangeCipherSpec:
		b.flight = [][]byte{bytes.Clone(data)}
	case b.flight != nil:
		b.flight = append(b.flight, bytes.Clone(data))
	}
	// DTLS sends again what is lost, and must not give up over a way that is closed for the moment.
	_ = b.peer.hub.ports.Send(b.peer.way(), data)
	return len(data), nil
}

// silence lets nothing more be sent.
func (b *pipe) silence() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.silenced = true
}

// Close ends reading; the sockets are not the pipe's.
func (b *pipe) Close() error { return b.Buffer.Close() }

func (b *pipe) LocalAddr() net.Addr  { return somewhere{} }
func (b *pipe) RemoteAddr() net.Addr { return somewhere{} }

func (b *pipe) SetDeadline(t time.Time) error    { return b.SetReadDeadline(t) }
func (b *pipe) SetWriteDeadline(time.Time) error { return nil }

// somewhere stands for an address that changes with the way.
type somewhere struct{}

func (somewhere) Network() string { return "ice" }
func (somewhere) String() string  { return "peer" }
