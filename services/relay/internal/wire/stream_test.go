package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// client is a participant's ICE-TCP connection.
type client struct {
	tb   testing.TB
	conn net.Conn
}

func dial(tb testing.TB, p *Ports) client {
	tb.Helper()
	conn, err := net.Dial("tcp", p.address(0).String())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return client{tb, conn}
}

func frame(data []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(data))), data...)
}

func (c client) write(raw []byte) {
	c.tb.Helper()
	if _, err := c.conn.Write(raw); err != nil {
		c.tb.Fatal(err)
	}
}

func (c client) send(data []byte) { c.write(frame(data)) }

func (c client) receive() []byte {
	c.tb.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	var length [2]byte
	if _, err := io.ReadFull(c.conn, length[:]); err != nil {
		c.tb.Fatal(err)
	}
	data := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(c.conn, data); err != nil {
		c.tb.Fatal(err)
	}
	return data
}

func TestStream_FramesComeWholeFromSplitReads(t *testing.T) {
	handler := newRecorder()
	p := serve(t, Params{}, handler)
	c := dial(t, p)
	raw := slices.Concat(frame(packet(1, 3)), frame(nil), frame(packet(2, MTU)), frame(packet(3, 700)))
	for len(raw) > 0 {
		n := min(1+len(raw)%7*61, len(raw))
		c.write(raw[:n])
		raw = raw[n:]
	}
	var from Path
	for i, n := range []int{3, MTU, 700} {
		got := wait(t, handler.arrived, "frame")
		if !bytes.Equal(got.data, packet(i+1, n)) {
			t.Errorf("frame %d: %d bytes, want %d", i, len(got.data), n)
		}
		from = got.from
	}
	if from.Network() != "tcp" || from.Remote().String() != c.conn.LocalAddr().String() {
		t.Errorf("from %v over %q", from.Remote(), from.Network())
	}
}

func TestStream_AnswersLeaveAsFramesInOrder(t *testing.T) {
	handler := newRecorder()
	handler.reply = func(d Datagram, out *Batch) {
		for i := range 5 {
			copy(out.Reserve(d.From, 100+i), packet(i, 100+i))
		}
		out.Reserve(d.From, 900)
		out.Cancel()
	}
	p := serve(t, Params{DisableUDP: true}, handler)
	c := dial(t, p)
	c.send([]byte("hello"))
	from := wait(t, handler.arrived, "frame").from
	for i := range 5 {
		if got := c.receive(); !bytes.Equal(got, packet(i, 100+i)) {
			t.Errorf("answer %d is wrong", i)
		}
	}
	if err := p.Send(from, []byte("at once")); err != nil {
		t.Fatal(err)
	}
	if got := c.receive(); string(got) != "at once" {
		t.Errorf("got %q", got)
	}
	if s := p.Stats(); s.Packets != 6 || s.Connections != 1 || s.Unconfirmed != 1 {
		t.Errorf("%+v", s)
	}
}

func TestStream_AFrameLongerThanADatagramEndsIt(t *testing.T) {
	handler := newRecorder()
	p := serve(t, Params{}, handler)
	c := dial(t, p)
	c.send([]byte("hello"))
	from := wait(t, handler.arrived, "frame").from
	c.write(binary.BigEndian.AppendUint16(nil, MTU+1))
	if got := wait(t, handler.closed, "Closed"); got != from {
		t.Errorf("closed %v", got)
	}
	if b := p.Batch(); b.Reserve(from, 10) != nil {
		t.Error("room for a connection that has ended")
	}
	if s := p.Stats(); s.Connections != 0 || s.Unconfirmed != 0 {
		t.Errorf("%+v", s)
	}
}

func TestStream_DisconnectEndsItAndNoOther(t *testing.T) {
	handler := newRecorder()
	p := serve(t, Params{}, handler)
	a, z := dial(t, p), dial(t, p)
	a.send([]byte("a"))
	first := wait(t, handler.arrived, "frame").from
	z.send([]byte("z"))
	second := wait(t, handler.arrived, "frame").from
	p.Disconnect(first)
	p.Disconnect(first)
	p.Disconnect(Path{})
	if got := wait(t, handler.closed, "Closed"); got != first {
		t.Errorf("closed %v", got)
	}
	if err := p.Send(second, []byte("still here")); err != nil {
		t.Fatal(err)
	}
	z.receive()
}

func TestStream_OverflowEndsTheConnectionAndNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := newRecorder()
		p, far := pipe(handler)
		go func() { _, _ = far.Write(frame([]byte("hello"))) }()
		from := (<-handler.arrived).from
		p.Confirm(from)
		b := p.Batch()
		data, sent := make([]byte, MTU), 0
		for b.Reserve(from, len(data)) != nil { // nobody reads at the far end
			b.Flush()
			sent += frameHeader + len(data)
			if sent > 2*streamBuffer {
				t.Fatal("never full")
			}
		}
		if sent < streamBuffer {
			t.Errorf("ended after %d bytes", sent)
		}
		if got := <-handler.closed; got != from {
			t.Errorf("closed %v", got)
		}
		if s := p.Stats(); s.Drops == 0 {
			t.Errorf("%+v", s)
		}
		p.running.Wait()
	})
}

func TestStream_WithoutAConfirmedCheckEndsAfterFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := newRecorder()
		p, far := pipe(handler)
		start := time.Now()
		stop := make(chan struct{})
		go func() { // bytes alone do not help
			defer close(stop)
			for {
				if _, err := far.Write(frame([]byte("junk"))); err != nil {
					return
				}
				time.Sleep(time.Second / 2) // in the bubble's time
			}
		}()
		<-handler.closed
		if took := time.Since(start); took != confirmWithin {
			t.Errorf("ended after %v", took)
		}
		<-stop
		p.running.Wait()
	})
}

func TestStream_ConfirmLiftsTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := newRecorder()
		p, far := pipe(handler)
		go func() { _, _ = far.Write(frame([]byte("check"))) }()
		from := (<-handler.arrived).from
		p.Confirm(from)
		p.Confirm(from)
		p.Confirm(Path{})
		time.Sleep(10 * confirmWithin) // in the bubble's time
		go func() { _, _ = far.Write(frame([]byte("still here"))) }()
		select {
		case got := <-handler.arrived:
			if got.from != from {
				t.Errorf("from %v", got.from)
			}
		case <-handler.closed:
			t.Error("ended although it was confirmed")
		}
		if s := p.Stats(); s.Unconfirmed != 0 || s.Connections != 1 {
			t.Errorf("%+v", s)
		}
		_ = far.Close()
		<-handler.closed
		p.running.Wait()
	})
}

func TestStream_TheOldestUnconfirmedGoesBeyondTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := newRecorder()
		p := without()
		for i := range maxUnconfirmed + 2 {
			near, far := net.Pipe()
			p.serveStream(near, netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(i)), handler)
			go func() { _, _ = far.Write(frame([]byte("check"))) }()
			if from := (<-handler.arrived).from; i == 0 {
				p.Confirm(from) // which makes the second the oldest
			}
		}
		if got := <-handler.closed; got.Remote().Port() != 1 {
			t.Errorf("number %d went", got.Remote().Port())
		}
		if s := p.Stats(); s.Unconfirmed != maxUnconfirmed || s.Connections != maxUnconfirmed+1 {
			t.Errorf("%+v", s)
		}
		p.mu.Lock()
		for s := range p.streams {
			s.close()
		}
		p.mu.Unlock()
		p.running.Wait()
	})
}

// without are ports that no socket belongs to, for connections that a test makes itself.
func without() *Ports {
	p := &Ports{sockets: &sockets{}, done: make(chan struct{}), streams: map[*stream]struct{}{}}
	p.batches.New = func() any { return newBatch(p, 0) }
	return p
}

// pipe is a connection in memory, so that it lives in the time of a synctest bubble.
func pipe(h Handler) (*Ports, net.Conn) {
	p := without()
	near, far := net.Pipe()
	p.serveStream(near, netip.MustParseAddrPort("192.0.2.1:9"), h)
	return p, far
}
