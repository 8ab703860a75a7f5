package wire

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readBatch is how many datagrams one system call brings.
const readBatch = 64

// reader receives datagrams of one socket with recvmmsg(2) into memory of its own.
type reader struct {
	socket   *socket
	headers  [readBatch]mmsghdr
	vectors  [readBatch]unix.Iovec
	names    [readBatch]unix.RawSockaddrInet6
	controls [readBatch]stampControl
	buffers  [readBatch][MTU]byte
	in       [readBatch]Datagram

	received int
	errno    syscall.Errno
	// run is receive as a value: made once, so that a read allocates nothing.
	run func(fd uintptr) bool
}

// stampControl is the control message with the time of arrival (SO_TIMESTAMPNS).
type stampControl struct {
	unix.Cmsghdr
	at unix.Timespec
	_  [unix.SizeofPtr]byte // the next header's alignment
}

func newReader(s *socket) *reader {
	r := &reader{socket: s}
	r.run = r.receive
	for i := range r.headers {
		h, v := &r.headers[i], &r.vectors[i]
		v.Base = &r.buffers[i][0]
		v.SetLen(MTU)
		h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		h.Iov = v
		h.SetIovlen(1)
		h.Control = (*byte)(unsafe.Pointer(&r.controls[i]))
	}
	r.reset(readBatch)
	return r
}

// reset gives back to the kernel what it shortened.
func (r *reader) reset(n int) {
	for i := range n {
		r.headers[i].Namelen = unix.SizeofSockaddrInet6
		r.headers[i].SetControllen(int(unsafe.Sizeof(r.controls[i])))
	}
}

func (r *reader) receive(fd uintptr) bool {
	for {
		r.received, r.errno = recvmmsg(fd, r.headers[:])
		switch r.errno {
		case unix.EINTR:
		case unix.EAGAIN:
			return false // wait until readable
		default:
			return true
		}
	}
}

// read waits for datagrams and returns what there is, until the next call. It returns net.ErrClosed at the end.
func (r *reader) read() ([]Datagram, error) {
	if err := r.socket.raw.Read(r.run); err != nil {
		return nil, err
	}
	if r.errno != 0 {
		return nil, r.errno
	}
	now := time.Now()
	in := r.in[:0]
	for i := range r.received {
		h := &r.headers[i]
		if h.Flags&unix.MSG_TRUNC != 0 {
			r.socket.counts.drops.Add(1)
			continue
		}
		if n := h.length; n > 0 {
			in = append(in, Datagram{
				Data: r.buffers[i][:n:n],
				From: Path{socket: r.socket, remote: sockaddr(&r.names[i])},
				At:   received(now, r.stamp(i)),
			})
		}
	}
	r.reset(r.received)
	r.socket.counts.reads.Add(1)
	r.socket.counts.received.Add(uint64(len(in)))
	return in, nil
}

// stamp is the kernel's time of arrival since 1970 in nanoseconds, or 0.
func (r *reader) stamp(i int) int64 {
	c := &r.controls[i]
	if int(r.headers[i].Controllen) < unix.CmsgLen(int(unsafe.Sizeof(c.at))) ||
		c.Level != unix.SOL_SOCKET || c.Type != unix.SCM_TIMESTAMPNS {
		return 0
	}
	return c.at.Nano()
}
