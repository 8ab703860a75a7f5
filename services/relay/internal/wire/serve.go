package wire

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"go.uber.org/zap"
)

// errorPause keeps a socket that fails again and again from taking a core.
const errorPause = 10 * time.Millisecond

// Serve receives until Close and returns when all of its goroutines have ended. It is called once; after Close it
// returns at once.
func (p *Ports) Serve(h Handler) {
	if !p.begin() {
		return
	}
	for _, shards := range p.sockets.udp {
		for shard, s := range shards {
			p.running.Go(func() { p.receive(s, newBatch(p, shard), h) })
		}
	}
	p.running.Go(func() { p.accept(h) })
	p.running.Done() // begin's
	p.running.Wait()
}

// begin counts Serve itself among the running, so that a Close in the middle of its beginning waits for it.
func (p *Ports) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.served || p.closed.Load() {
		return false
	}
	p.served = true
	p.running.Add(1)
	return true
}

// Close closes all sockets and connections and returns when the goroutines of Serve have ended.
func (p *Ports) Close() error {
	p.mu.Lock()
	if p.closed.Swap(true) {
		p.mu.Unlock()
		p.running.Wait()
		return nil
	}
	close(p.done)
	for s := range p.streams {
		s.close()
	}
	p.mu.Unlock()
	err := p.sockets.close()
	p.running.Wait()
	return err
}

// receive is the way of every datagram: read, handled, and what it caused sent, by one goroutine.
func (p *Ports) receive(s *socket, out *Batch, h Handler) {
	var pace pace
	for r := newReader(s); ; {
		pace.rest()
		in, err := r.read()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			p.log.Warn("media socket cannot be read", zap.Error(err))
			p.pause()
		case len(in) > 0:
			out.now = time.Now()
			h.Receive(in, out)
			out.Flush()
			pace.worked(len(in), out)
		}
	}
}

// accept takes ICE-TCP connections in.
func (p *Ports) accept(h Handler) {
	for {
		conn, err := p.sockets.tcp.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of file descriptors, or the peer has gone again
			p.log.Warn("media connection cannot be accepted", zap.Error(err))
			p.pause()
			continue
		}
		remote := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
		p.serveStream(conn, netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()), h)
	}
}

// serveStream starts the two goroutines of a connection. Beyond the bound of unconfirmed ones another goes.
func (p *Ports) serveStream(conn net.Conn, remote netip.AddrPort, h Handler) {
	s := newStream(p, conn, remote)
	p.mu.Lock()
	if p.closed.Load() {
		p.mu.Unlock()
		_ = conn.Close()
		return
	}
	p.streams[s] = struct{}{}
	p.mu.Unlock()
	if out := p.lobby.enter(s); out != nil {
		out.close()
	}
	p.running.Go(s.writeOut)
	p.running.Go(func() {
		s.readTo(h)
		p.lobby.leave(s)
		p.mu.Lock()
		delete(p.streams, s)
		p.mu.Unlock()
		h.Closed(s.path())
	})
}

func (p *Ports) pause() {
	select {
	case <-time.After(errorPause):
	case <-p.done:
	}
}
