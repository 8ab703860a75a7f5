package wire

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// streamBuffer bounds in bytes what waits for a slow connection; what does not fit ends it.
	streamBuffer = 1 << 20
	// streamKeep is the largest write buffer that an idle connection keeps.
	streamKeep = 64 << 10
)

// errOverflow ends a connection that takes less than is sent to it.
var errOverflow = errors.New("the connection takes less than is sent to it")

// stream is an ICE-TCP connection. Two goroutines serve it: readTo and writeOut.
type stream struct {
	ports  *Ports
	conn   net.Conn
	remote netip.AddrPort
	// wake tells the writer that there is something to write, done that the connection has ended.
	wake      chan struct{}
	done      chan struct{}
	confirmed atomic.Bool

	mu sync.Mutex
	// pending is what the writer takes next, spare its buffer of the time before, writing what it writes now.
	pending, spare []byte
	writing        int
	closed         bool
}

func newStream(p *Ports, conn net.Conn, remote netip.AddrPort) *stream {
	_ = conn.SetReadDeadline(time.Now().Add(confirmWithin))
	return &stream{ports: p, conn: conn, remote: remote, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

func (s *stream) path() Path { return Path{stream: s, remote: s.remote} }

// confirm lifts the deadline of the first check. A connection that was told to go meanwhile goes.
func (s *stream) confirm() {
	if s.confirmed.Load() || !s.ports.lobby.leave(s) {
		return
	}
	s.confirmed.Store(true)
	_ = s.conn.SetReadDeadline(time.Time{})
}

// write queues whole frames without waiting.
func (s *stream) write(frames []byte, packets int) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.ports.counts.drops.Add(uint64(packets))
		return net.ErrClosed
	}
	if s.writing+len(s.pending)+len(frames) > streamBuffer {
		s.mu.Unlock()
		s.ports.counts.drops.Add(uint64(packets))
		s.close()
		return errOverflow
	}
	s.pending = append(s.pending, frames...)
	s.mu.Unlock()
	s.ports.counts.packets.Add(uint64(packets))
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// writeOut writes what is pending until the connection ends.
func (s *stream) writeOut() {
	for {
		select {
		case <-s.wake:
		case <-s.done:
			return
		}
		for batch := s.take(); len(batch) > 0; batch = s.take() {
			if _, err := s.conn.Write(batch); err != nil {
				s.close()
				return
			}
		}
	}
}

// take swaps the two buffers: what is pending is written while the other one fills.
func (s *stream) take() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.pending
	if cap(s.spare) > streamKeep {
		s.spare = nil
	}
	s.pending, s.spare, s.writing = s.spare[:0], batch, len(batch)
	return batch
}

// readTo hands over each datagram until the connection ends.
func (s *stream) readTo(h Handler) {
	defer s.close()
	frames := deframer{source: s.conn}
	var in [1]Datagram
	for {
		data, err := frames.next()
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) && !s.ports.lobby.leave(s) {
				continue // confirmed in the very moment of the deadline
			}
			return
		}
		in[0] = Datagram{Data: data, From: s.path(), At: time.Now()}
		s.ports.counts.received.Add(1)
		s.ports.counts.reads.Add(1)
		out := s.ports.Batch()
		out.now = in[0].At
		h.Receive(in[:], out)
		s.ports.Return(out)
	}
}

func (s *stream) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// close ends the connection; what is pending is lost.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	close(s.done)
	_ = s.conn.Close()
}
