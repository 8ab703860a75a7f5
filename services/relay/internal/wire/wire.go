// Package wire holds the relay's media sockets: for each local address a few UDP sockets that share one port, and one
// ICE-TCP listener on the same number. Datagrams come in by the batch with the kernel's time stamps, and go out by the
// batch, merged per destination.
//
// Packets run to completion: the goroutine that read a batch calls the Handler, whose answers and copies gather in
// that goroutine's Batch and leave in one or few system calls when it returns; those who help it fill batches beside
// it. Nothing here waits for a slow participant, and an error of one destination never costs another's packets.
//
// Serve owns all goroutines and Close ends them. The package knows no STUN, no keys and no media.
package wire

import (
	"net/netip"
	"time"
)

// MTU is the largest datagram that is sent or received, in bytes; longer ones are dropped.
const MTU = 1500

// Path is a way to a participant: a remote address as seen from one of our sockets, or an ICE-TCP connection.
// Paths are comparable; two datagrams of one remote have the same Path. The zero Path is none.
type Path struct {
	socket *socket
	stream *stream
	remote netip.AddrPort
}

// Network is "udp", "tcp", or empty for the zero Path.
func (p Path) Network() string {
	switch {
	case p.socket != nil:
		return "udp"
	case p.stream != nil:
		return "tcp"
	}
	return ""
}

// Remote is the participant's address; IPv4 is never mapped into IPv6.
func (p Path) Remote() netip.AddrPort { return p.remote }

// Datagram is one received packet.
type Datagram struct {
	// Data may be written to, so that it can be decrypted in place. It is valid until Receive returns.
	Data []byte
	From Path
	// At is when the kernel received the packet, where it says so, else when it was read. It carries a monotonic
	// reading: differences to other times are immune to steps of the wall clock.
	At time.Time
}

// Handler takes what comes in. Its methods are called from many goroutines at once, but for one Path never from two:
// all of a remote's datagrams reach the same socket. Neither method may call Ports.Close.
type Handler interface {
	// Receive handles datagrams, oldest first, and is lent a Batch for what it wants to send; the Batch is flushed
	// when it returns. An ICE-TCP connection hands over one datagram at a time.
	Receive(in []Datagram, out *Batch)
	// Closed tells that an ICE-TCP connection has ended. No datagram of this Path follows.
	Closed(Path)
}

// Stats counts since Open. Packets are datagrams; a message is one or several datagrams for the same destination; the
// ratios tell how well batching does.
type Stats struct {
	// Received packets, in Reads. A connection's frame counts as one of each.
	Received, Reads uint64
	// Packets sent, in Messages, in Syscalls. Frames for ICE-TCP connections count as packets alone.
	Packets, Messages, Syscalls uint64
	// Errors are packets that the system refused to send.
	Errors uint64
	// Drops are packets that found a socket full for too long, a connection's buffer full, or were longer than MTU.
	Drops uint64
	// Overflows are packets that the kernel threw away because a socket was not read in time.
	Overflows uint64
	// Connections is the number of ICE-TCP connections now, Unconfirmed those of them without an authenticated check.
	Connections, Unconfirmed int
	// Evicted are connections without an authenticated check that had to make room for others.
	Evicted uint64
}
