package wire

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// putSockaddr writes a remote address in the family of the socket and returns its length. The array has room for the
// longer of the two families; the shorter begins alike.
func putSockaddr(name *unix.RawSockaddrInet6, ipv6 bool, remote netip.AddrPort) uint32 {
	if ipv6 {
		*name = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: remote.Addr().As16()}
		putPort(&name.Port, remote.Port())
		return unix.SizeofSockaddrInet6
	}
	short := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
	*short = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: remote.Addr().As4()}
	putPort(&short.Port, remote.Port())
	return unix.SizeofSockaddrInet4
}

// sockaddr reads what putSockaddr writes.
func sockaddr(name *unix.RawSockaddrInet6) netip.AddrPort {
	switch name.Family {
	case unix.AF_INET:
		short := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		return netip.AddrPortFrom(netip.AddrFrom4(short.Addr), portOf(&short.Port))
	case unix.AF_INET6:
		return netip.AddrPortFrom(netip.AddrFrom16(name.Addr).Unmap(), portOf(&name.Port))
	}
	return netip.AddrPort{}
}

// Ports stand in network order whatever the machine's order is.
func putPort(field *uint16, port uint16) {
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(field))[:], port)
}

func portOf(field *uint16) uint16 {
	return binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(field))[:])
}
