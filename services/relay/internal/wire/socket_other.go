//go:build !linux

package wire

import (
	"net"
	"net/netip"
)

// maxShards is 1: other systems do not spread a shared port over its sockets.
const maxShards = 1

type system struct{}

func newSystem() system { return system{} }

func listenShard(local netip.AddrPort, _ int) (*net.UDPConn, error) {
	return net.ListenUDP("udp", net.UDPAddrFromAddrPort(local))
}

func (*socket) prepare() error { return nil }

func (*socket) overflows() uint64 { return 0 }
