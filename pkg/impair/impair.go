// Package impair puts a bad network between a client and a server of a test: UDP and TCP proxies on loopback whose
// delay, jitter, loss, rate and outages are set for each direction and changed while they run. The kernels that the
// tests run on have no netem.
//
// A proxy owns its goroutines; Close returns when they have ended. What is lost or late is decided by a generator with
// a seed, so that a sequence of packets meets the same fate in each run.
package impair

import (
	"time"
)

// Direction is a way through a proxy.
type Direction int

const (
	// Up is from client to server.
	Up Direction = iota
	// Down is from server to client.
	Down
)

// DefaultQueue is the longest wait in front of a rate limit, of a home router of moderate size.
const DefaultQueue = 200 * time.Millisecond

// Conditions are the state of one direction. The zero value is a perfect line.
type Conditions struct {
	// Delay of each packet.
	Delay time.Duration
	// Jitter spreads Delay evenly over ± Jitter, never below zero. Order is kept.
	Jitter time.Duration
	// Loss is the share of packets that vanish, 0..1. On TCP, where the stack repeats what was lost, a piece that meets
	// it is late by [Retransmission] instead.
	Loss float64
	// Burst is the mean number of packets that vanish one after the other; up to 1 each packet has its own luck.
	// It does not concern TCP.
	Burst float64
	// Rate in bits per second; 0 is unlimited.
	Rate int64
	// Queue is the longest wait in front of Rate; 0 means [DefaultQueue]. UDP packets that would wait longer are
	// dropped; TCP senders are held back.
	Queue time.Duration
	// Cut makes the direction a black hole. UDP packets vanish, also those under way. TCP bytes wait.
	Cut bool
}

// Retransmission is how late a TCP piece is when it is "lost".
const Retransmission = 200 * time.Millisecond

// Stats counts one direction since the proxy started. For TCP a packet is one piece read from a connection.
type Stats struct {
	// Received from the sender, and bytes of UDP payload among them.
	Received, Offered uint64
	// Delivered to the receiver.
	Delivered uint64
	// Bytes of payload delivered.
	Bytes uint64
	// Lost by Loss, Overflowed by Queue, CutOff by Cut.
	Lost, Overflowed, CutOff uint64
}

// Params are the inputs of [NewUDP] and [NewTCP].
type Params struct {
	// Listen is the address for clients; default 127.0.0.1:0.
	Listen string
	// Target is the server's address.
	Target string
	// Seed of what is lost and late.
	Seed uint64
	// Up and Down are the first conditions.
	Up, Down Conditions
}

func (p *Params) listen() string {
	if p.Listen == "" {
		return "127.0.0.1:0"
	}
	return p.Listen
}

// link is the pair of lines that both proxies have.
type link struct{ lines [2]*line }

func newLink(p Params) link {
	return link{[2]*line{Up: newLine(p.Up, p.Seed, uint64(Up)), Down: newLine(p.Down, p.Seed, uint64(Down))}}
}

// Set changes one direction from now on. Packets under way keep their time.
func (l link) Set(d Direction, c Conditions) { l.lines[d].set(c) }

// SetBoth changes both directions from now on.
func (l link) SetBoth(c Conditions) {
	l.Set(Up, c)
	l.Set(Down, c)
}

// Conditions returns the state of one direction.
func (l link) Conditions(d Direction) Conditions { return l.lines[d].conditions() }

// Stats returns the counts of one direction.
func (l link) Stats(d Direction) Stats { return l.lines[d].counts() }
