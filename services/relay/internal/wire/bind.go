package wire

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

const (
	// socketBuffer is what the kernel is asked to keep for each socket, both ways: a key frame to 50 slots is 2 MB.
	socketBuffer = 4 << 20
	// portAttempts bounds the search for a number that is free on all addresses at once.
	portAttempts = 20
)

// sockets are bound but not yet read.
type sockets struct {
	port uint16
	// udp holds the shards of each local address.
	udp [][]*socket
	tcp net.Listener
}

// bindAny tries again with another number when the system was to choose one and chose one that is held on a later
// address.
func bindAny(where place, shards int) (*sockets, error) {
	for attempt := 1; ; attempt++ {
		s, err := bind(where, shards)
		if err == nil || where.port != 0 || attempt == portAttempts {
			return s, err
		}
	}
}

// bind opens TCP and then the shards of UDP on every address. With port 0 TCP chooses the number for all. Its listener
// does not share the port, so two relays can never hold the same number, whatever UDP would allow.
func bind(where place, shards int) (*sockets, error) {
	address := net.JoinHostPort(where.host, strconv.Itoa(int(where.port)))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for media on TCP %s: %w", address, err)
	}
	s := &sockets{port: listener.Addr().(*net.TCPAddr).AddrPort().Port(), tcp: listener}
	if shards == 0 {
		return s, nil
	}
	for site, addr := range where.addresses {
		if err := s.bindShards(site, netip.AddrPortFrom(addr, s.port), shards); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

func (s *sockets) bindShards(site int, local netip.AddrPort, shards int) error {
	s.udp = append(s.udp, nil)
	for shard := range shards {
		conn, err := listenShard(local, shard)
		if err != nil {
			return fmt.Errorf("listen for media on UDP %s: %w", local, err)
		}
		// The kernel caps what it grants; a smaller buffer costs packets in bursts, not correctness.
		_ = conn.SetReadBuffer(socketBuffer)
		_ = conn.SetWriteBuffer(socketBuffer)
		socket, err := newSocket(conn, site)
		if err != nil {
			_ = conn.Close()
			return fmt.Errorf("prepare UDP %s: %w", local, err)
		}
		s.udp[site] = append(s.udp[site], socket)
	}
	return nil
}

func (s *sockets) close() error {
	errs := []error{s.tcp.Close()}
	for _, shards := range s.udp {
		for _, socket := range shards {
			errs = append(errs, socket.conn.Close())
		}
	}
	return errors.Join(errs...)
}
