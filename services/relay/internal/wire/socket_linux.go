package wire

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxShards is how many sockets may share a port.
const maxShards = 8

// mmsghdr is struct mmsghdr of sendmmsg(2) and recvmmsg(2).
type mmsghdr struct {
	unix.Msghdr
	length uint32
}

// system is what a socket asks of the kernel when it sends; tests put another one in its place.
type system struct {
	// send is sendmmsg without waiting.
	send func(fd uintptr, messages []mmsghdr) (int, syscall.Errno)
	// writable waits until the socket takes packets again and says whether it does.
	writable func(fd uintptr, wait time.Duration) bool
}

func newSystem() system { return system{send: sendmmsg, writable: writable} }

func sendmmsg(fd uintptr, messages []mmsghdr) (int, syscall.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&messages[0])), uintptr(len(messages)),
		unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

func recvmmsg(fd uintptr, messages []mmsghdr) (int, syscall.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&messages[0])), uintptr(len(messages)),
		unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// writable polls. It holds a thread for that time, which is rare and short, and needs neither the write lock of the
// connection nor a deadline that other senders would share.
func writable(fd uintptr, wait time.Duration) bool {
	for end := time.Now().Add(wait); ; {
		left := max(0, time.Until(end))
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, int(left.Milliseconds()))
		if err == unix.EINTR && left > 0 { // the Go scheduler's signals interrupt a poll
			continue
		}
		return err == nil && n > 0
	}
}

// listenShard binds one of the sockets that share an address. The first is bound alone, so that a number which
// somebody else holds is refused even if he would share it; then it lets the others in.
func listenShard(local netip.AddrPort, shard int) (*net.UDPConn, error) {
	config := net.ListenConfig{}
	if shard > 0 {
		config.Control = func(_, _ string, raw syscall.RawConn) error { return setOption(raw, unix.SO_REUSEPORT) }
	}
	packets, err := config.ListenPacket(context.Background(), "udp", local.String())
	if err != nil {
		return nil, err
	}
	conn := packets.(*net.UDPConn)
	if shard > 0 {
		return conn, nil
	}
	raw, err := conn.SyscallConn()
	if err == nil {
		err = setOption(raw, unix.SO_REUSEPORT)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func setOption(raw syscall.RawConn, option int) error {
	var failed error
	if err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option, 1)
	}); err != nil {
		return err
	}
	return failed
}

// prepare asks for time stamps, without which the time of the read serves, and finds out whether the kernel cuts
// messages (since Linux 4.18).
func (s *socket) prepare() error {
	_ = setOption(s.raw, unix.SO_TIMESTAMPNS)
	return s.raw.Control(func(fd uintptr) {
		_, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT)
		s.segments.Store(err == nil)
	})
}

// overflows is the number of datagrams that the kernel dropped at this socket.
func (s *socket) overflows() uint64 {
	var info [unix.SK_MEMINFO_VARS]uint32
	size := uint32(unsafe.Sizeof(info))
	_ = s.raw.Control(func(fd uintptr) {
		_, _, _ = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info[0])), uintptr(unsafe.Pointer(&size)), 0)
	})
	return uint64(info[unix.SK_MEMINFO_DROPS])
}
