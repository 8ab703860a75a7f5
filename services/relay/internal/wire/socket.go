package wire

import (
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
)

// socket is one UDP socket: a shard of a local address. Any shard may send to any remote, only one receives from it.
type socket struct {
	conn *net.UDPConn
	raw  syscall.RawConn
	// site is the index of the local address.
	site int
	// ipv6 is the family of the local address.
	ipv6 bool
	// segments is false where the system does not cut a message into datagrams (generic segmentation offload).
	segments atomic.Bool
	counts   counters
	system   system
}

// counters are written by the socket's reader, mostly, and by whoever sends here.
type counters struct {
	received, reads             atomic.Uint64
	packets, messages, syscalls atomic.Uint64
	errors, drops               atomic.Uint64
}

func (c *counters) addTo(s *Stats) {
	s.Received += c.received.Load()
	s.Reads += c.reads.Load()
	s.Packets += c.packets.Load()
	s.Messages += c.messages.Load()
	s.Syscalls += c.syscalls.Load()
	s.Errors += c.errors.Load()
	s.Drops += c.drops.Load()
}

func newSocket(conn *net.UDPConn, site int) (*socket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("reach the system's socket: %w", err)
	}
	s := &socket{
		conn: conn, raw: raw, site: site, system: newSystem(),
		ipv6: conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().Is6(),
	}
	return s, s.prepare()
}
