package wire

import (
	"encoding/binary"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fullWait is how long one flush waits in all for a socket whose buffer is full.
const fullWait = 50 * time.Millisecond

// sender hands messages to sendmmsg(2). Its arrays are what the kernel reads, reused from call to call.
type sender struct {
	headers  [maxMessages]mmsghdr
	vectors  [maxMessages]unix.Iovec
	names    [maxMessages]unix.RawSockaddrInet6
	controls [maxMessages]segmentControl

	socket   *socket
	messages []message
	// patience is what is left of fullWait.
	patience time.Duration
	first    error
	// run is sendAll as a value: made once, so that a flush allocates nothing.
	run func(fd uintptr)
}

// segmentControl is a control message with the size to cut a message into.
type segmentControl struct {
	unix.Cmsghdr
	size [unix.SizeofPtr]byte
}

// send sends all messages and returns the first error. A refused destination costs its own message alone.
func (s *sender) send(socket *socket, messages []message) error {
	if s.run == nil {
		s.run = s.sendAll
	}
	for i := range messages {
		s.load(i, socket.ipv6, &messages[i])
	}
	s.socket, s.messages, s.patience, s.first = socket, messages, fullWait, nil
	if err := socket.raw.Control(s.run); err != nil {
		s.drop(messages, err) // closed
	}
	socket.counts.messages.Add(uint64(len(messages)))
	s.messages = nil
	return s.first
}

// load describes a message to the kernel.
func (s *sender) load(i int, ipv6 bool, m *message) {
	h, v := &s.headers[i], &s.vectors[i]
	h.Name = (*byte)(unsafe.Pointer(&s.names[i]))
	h.Namelen = putSockaddr(&s.names[i], ipv6, m.to.remote)
	v.Base = unsafe.SliceData(m.data)
	v.SetLen(len(m.data))
	h.Iov = v
	h.SetIovlen(1)
	h.Control = nil
	h.SetControllen(0)
	if m.segments > 1 {
		c := &s.controls[i]
		c.Level, c.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
		c.SetLen(unix.CmsgLen(2))
		binary.NativeEndian.PutUint16(c.size[:], uint16(m.size))
		h.Control = (*byte)(unsafe.Pointer(c))
		h.SetControllen(int(unsafe.Sizeof(*c)))
	}
}

// sendAll goes on after each refusal with the message behind the refused one.
func (s *sender) sendAll(fd uintptr) {
	for done := 0; done < len(s.messages); {
		n, errno := s.call(fd, s.headers[done:len(s.messages)])
		for _, m := range s.messages[done : done+n] {
			s.socket.counts.packets.Add(uint64(m.segments))
		}
		done += n
		switch errno {
		case 0:
		case unix.EAGAIN:
			s.drop(s.messages[done:], errno)
			return
		default:
			s.refused(fd, done, errno)
			done++
		}
	}
}

// call sends some of the messages. When none is sent it says why; a full socket is waited for first.
func (s *sender) call(fd uintptr, headers []mmsghdr) (int, syscall.Errno) {
	for {
		n, errno := s.socket.system.send(fd, headers)
		s.socket.counts.syscalls.Add(1)
		switch errno {
		case 0:
			return n, 0
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			if s.wait(fd) {
				continue
			}
		}
		return 0, errno
	}
}

// wait waits for a full socket while patience lasts.
func (s *sender) wait(fd uintptr) bool {
	if s.patience <= 0 {
		return false
	}
	start := time.Now()
	ready := s.socket.system.writable(fd, s.patience)
	s.patience -= time.Since(start)
	return ready
}

// refused handles the message that the kernel did not take. If cutting may be the reason its datagrams are sent one by
// one.
func (s *sender) refused(fd uintptr, i int, errno syscall.Errno) {
	m := &s.messages[i]
	if m.segments == 1 || !blamesCutting(errno) {
		s.fail(errno)
		s.socket.counts.errors.Add(uint64(m.segments))
		return
	}
	if errno != unix.EINVAL && errno != unix.EMSGSIZE { // those two may be this destination's alone: a smaller path MTU
		s.socket.segments.Store(false)
	}
	h := &s.headers[i]
	h.Control = nil
	h.SetControllen(0)
	for rest := m.data; len(rest) > 0; {
		n := min(m.size, len(rest))
		s.vectors[i].Base = unsafe.SliceData(rest)
		s.vectors[i].SetLen(n)
		rest = rest[n:]
		switch _, errno := s.call(fd, s.headers[i:i+1]); errno {
		case 0:
			s.socket.counts.packets.Add(1)
		case unix.EAGAIN:
			s.fail(errno)
			s.socket.counts.drops.Add(1)
		default:
			s.fail(errno)
			s.socket.counts.errors.Add(1)
		}
	}
}

// blamesCutting tells whether a message of several datagrams may have been refused for being one: EIO comes from
// devices without checksum offload, the others from kernels and routes that cannot.
func blamesCutting(errno syscall.Errno) bool {
	switch errno {
	case unix.EIO, unix.EINVAL, unix.EMSGSIZE, unix.ENOPROTOOPT, unix.EOPNOTSUPP:
		return true
	}
	return false
}

func (s *sender) drop(messages []message, err error) {
	s.fail(err)
	for i := range messages {
		s.socket.counts.drops.Add(uint64(messages[i].segments))
	}
}

func (s *sender) fail(err error) {
	if s.first == nil {
		s.first = err
	}
}
