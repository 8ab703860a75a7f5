package light

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

const (
	batchSize   = 8
	maxDatagram = 1600
	oobSize     = 64
	socketBytes = 1 << 20
)

// socket is a connected UDP socket that is read in batches, with the kernel's time of arrival.
type socket struct {
	conn    *net.UDPConn
	packets *ipv4.PacketConn
	batch   []ipv4.Message
}

func dial(to netip.AddrPort) (*socket, error) {
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return nil, err
	}
	if err := stampArrivals(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	_ = conn.SetReadBuffer(socketBytes) // what the system allows is enough
	s := &socket{conn: conn, packets: ipv4.NewPacketConn(conn), batch: make([]ipv4.Message, batchSize)}
	for i := range s.batch {
		s.batch[i] = ipv4.Message{Buffers: [][]byte{make([]byte, maxDatagram)}, OOB: make([]byte, oobSize)}
	}
	return s, nil
}

func stampArrivals(conn syscall.Conn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
	return errors.Join(err, failed)
}

// read hands over datagrams until the socket is closed, and rests after each batch. They are valid during the call.
func (s *socket) read(take func(data []byte, at time.Time), rest time.Duration) {
	for {
		n, err := s.packets.ReadBatch(s.batch, 0)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // the server's port is not open yet, or no more
		}
		for i := range s.batch[:n] {
			m := &s.batch[i]
			take(m.Buffers[0][:m.N], arrival(m.OOB[:m.NN]))
		}
		if n < len(s.batch) { // else more is waiting
			time.Sleep(rest)
		}
	}
}

const controlHeader = 16 // struct cmsghdr on 64 bits

// arrival is the kernel's time stamp, else now.
func arrival(oob []byte) time.Time {
	if len(oob) >= controlHeader+16 && binary.NativeEndian.Uint32(oob[8:]) == unix.SOL_SOCKET &&
		binary.NativeEndian.Uint32(oob[12:]) == unix.SCM_TIMESTAMPNS {
		return time.Unix(int64(binary.NativeEndian.Uint64(oob[16:])), int64(binary.NativeEndian.Uint64(oob[24:])))
	}
	return time.Now()
}
