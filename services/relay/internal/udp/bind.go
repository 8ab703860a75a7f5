package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// sockets are bound but not yet read.
type sockets struct {
	port uint16
	udp  []*net.UDPConn
	tcp  net.Listener
}

// bind opens UDP on every address and TCP. With port 0 the first socket chooses the number for all; another
// process may hold that number on a later address, so the caller tries again.
func bind(where place) (*sockets, error) {
	s := &sockets{port: where.port}
	for _, addr := range where.addresses {
		if err := s.listenUDP(addr); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	address := net.JoinHostPort(where.host, strconv.Itoa(int(s.port)))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for media on TCP %s: %w", address, err), s.close())
	}
	s.tcp = listener
	return s, nil
}

func (s *sockets) listenUDP(addr netip.Addr) error {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, s.port)))
	if err != nil {
		return fmt.Errorf("listen for media on UDP %s: %w", netip.AddrPortFrom(addr, s.port), err)
	}
	s.udp = append(s.udp, conn)
	s.port = conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	// The kernel caps what it grants; a smaller buffer costs packets in bursts, not correctness.
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	return nil
}

func (s *sockets) close() error {
	var errs []error
	for _, conn := range s.udp {
		errs = append(errs, conn.Close())
	}
	if s.tcp != nil {
		errs = append(errs, s.tcp.Close())
	}
	return errors.Join(errs...)
}
