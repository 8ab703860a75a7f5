//go:build !linux

package wire

import (
	"net/netip"
	"time"
)

// reader receives one datagram per call.
type reader struct {
	socket *socket
	buffer [MTU + 1]byte
	in     [1]Datagram
}

func newReader(s *socket) *reader { return &reader{socket: s} }

// read waits for a datagram, which is valid until the next call. It returns net.ErrClosed at the end.
func (r *reader) read() ([]Datagram, error) {
	n, remote, err := r.socket.conn.ReadFromUDPAddrPort(r.buffer[:])
	if err != nil {
		return nil, err
	}
	r.socket.counts.reads.Add(1)
	if n == 0 || n > MTU {
		r.socket.counts.drops.Add(1)
		return nil, nil
	}
	r.socket.counts.received.Add(1)
	remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	r.in[0] = Datagram{Data: r.buffer[:n:n], From: Path{socket: r.socket, remote: remote}, At: time.Now()}
	return r.in[:], nil
}
