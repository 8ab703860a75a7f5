package rpc

import (
	"context"
	"net"

	"google.golang.org/grpc/test/bufconn"
)

// pipeBuffer is what each direction of a piped connection holds before its writer waits, in bytes.
const pipeBuffer = 256 << 10

// Pipe is a network inside the process: what is dialled at one end is accepted at the other. It carries the calls
// between services in standalone and in tests. A dial waits until the listener accepts or the pipe closes.
type Pipe struct{ listener *bufconn.Listener }

// NewPipe returns an open pipe.
func NewPipe() *Pipe { return &Pipe{listener: bufconn.Listen(pipeBuffer)} }

// Listener returns the end that a server accepts from.
func (p *Pipe) Listener() net.Listener { return p.listener }

// DialContext connects to the listener; the address is ignored.
func (p *Pipe) DialContext(ctx context.Context, _ string) (net.Conn, error) {
	return p.listener.DialContext(ctx)
}

// Close ends the listener; connections that exist stay open until their owners close them.
func (p *Pipe) Close() { _ = p.listener.Close() }
