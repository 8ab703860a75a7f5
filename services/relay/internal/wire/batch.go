package wire

import (
	"sync/atomic"
	"time"
)

const (
	// maxMessages is how many messages one system call takes.
	maxMessages = 64
	// maxSegments is how many datagrams the kernel cuts a message into (UDP_MAX_SEGMENTS of old kernels).
	maxSegments = 64
	// maxMessage keeps a message below the largest UDP payload, 65,507 bytes over IPv4.
	maxMessage = 65000
	// arenaSize is what a Batch holds before it flushes by itself: about 100 full packets.
	arenaSize = 128 << 10
)

// message is one or several datagrams to one destination, side by side in the arena.
type message struct {
	to   Path
	data []byte
	// size is the length of each datagram; the last may be shorter.
	size     int
	segments int
	// open tells that another datagram may follow: none was shorter yet.
	open bool
}

// takes tells whether a datagram of n bytes can join the message.
func (m *message) takes(n int) bool {
	return m.open && n <= m.size && m.segments < maxSegments && len(m.data)+n <= maxMessage
}

// lane collects what leaves from one local address.
type lane struct {
	socket   *socket
	messages []message
}

// Batch gathers datagrams and sends them with few system calls. It is owned by one goroutine at a time. Packets of one
// destination leave in order; consecutive ones of equal size (a last one may be shorter) cost little more than one.
type Batch struct {
	ports *Ports
	arena []byte
	used  int
	// lanes are by local address; streams holds runs of frames for ICE-TCP connections.
	lanes   []lane
	streams []message
	// last is the message that the last Reserve went to, taken how much of the arena that was.
	last  *message
	taken int

	sender sender
	// datagrams were reserved since the beginning; helped are those of batches beside this one, which helps that one.
	datagrams uint64
	helped    atomic.Uint64
	helps     *Batch
	// now is when the work began that the batch is filled by.
	now time.Time
}

// Now is the present for those who fill the batch: asking the clock for each packet costs as much as sealing it.
func (b *Batch) Now() time.Time { return b.now }

// Beside is an empty batch for another goroutine that does a share of the same work. It is given back with Return.
func (b *Batch) Beside() *Batch {
	other := b.ports.batches.Get().(*Batch)
	other.now, other.helps, other.datagrams = b.now, b, 0
	return other
}

// Return flushes what Beside has lent and takes it back.
func (b *Batch) Return() {
	b.helps.helped.Add(b.datagrams)
	b.helps = nil
	b.ports.Return(b)
}

// sent is how many datagrams were reserved since the beginning, here and by helpers who are done.
func (b *Batch) sent() uint64 { return b.datagrams + b.helped.Load() }

func newBatch(p *Ports, shard int) *Batch {
	b := &Batch{ports: p, arena: make([]byte, arenaSize), lanes: make([]lane, len(p.sockets.udp))}
	for site, shards := range p.sockets.udp {
		b.lanes[site].socket = shards[shard%len(shards)]
	}
	return b
}

// Reserve returns n bytes to fill before the next call. It returns nil when to is none or closed, and when n is not
// between 1 and MTU. It flushes first when there is no room left.
func (b *Batch) Reserve(to Path, n int) []byte {
	if n <= 0 || n > MTU {
		return nil
	}
	if to.stream != nil {
		return b.reserveFrame(to, n)
	}
	if to.socket == nil || b.ports.closed.Load() {
		return nil
	}
	l := &b.lanes[to.socket.site]
	if b.used+n > len(b.arena) {
		b.Flush()
	}
	if m := b.last; m != nil && m.to == to && m.takes(n) && l.socket.segments.Load() {
		m.open = n == m.size
		return b.extend(m, n)
	}
	if len(l.messages) == maxMessages {
		b.Flush()
	}
	l.messages = append(l.messages, message{to: to, data: b.arena[b.used:b.used], size: n, open: true})
	return b.extend(&l.messages[len(l.messages)-1], n)
}

// reserveFrame reserves behind the length that goes before each datagram of a connection.
func (b *Batch) reserveFrame(to Path, n int) []byte {
	if to.stream.ended() {
		return nil
	}
	if b.used+frameHeader+n > len(b.arena) {
		b.Flush()
	}
	m := b.last
	if m == nil || m.to != to {
		if len(b.streams) == maxMessages {
			b.Flush()
		}
		b.streams = append(b.streams, message{to: to, data: b.arena[b.used:b.used]})
		m = &b.streams[len(b.streams)-1]
	}
	frame := b.extend(m, frameHeader+n)
	putFrameHeader(frame, n)
	return frame[frameHeader:]
}

// extend appends n bytes of the arena, which are the ones right behind the message's own.
func (b *Batch) extend(m *message, n int) []byte {
	room := b.arena[b.used : b.used+n : b.used+n]
	m.data = m.data[:len(m.data)+n]
	m.segments++
	b.used += n
	b.datagrams++
	b.last, b.taken = m, n
	return room
}

// Cancel takes the last Reserve back, for a caller that could not fill it. A second Cancel does nothing.
func (b *Batch) Cancel() {
	m := b.last
	if m == nil || b.taken == 0 {
		return
	}
	b.used -= b.taken
	m.data = m.data[:len(m.data)-b.taken]
	m.segments--
	m.open = true // all that came before had the full size
	b.taken = 0
	if m.segments > 0 {
		return
	}
	b.last = nil
	if m.to.stream != nil {
		b.streams = b.streams[:len(b.streams)-1]
		return
	}
	l := &b.lanes[m.to.socket.site]
	l.messages = l.messages[:len(l.messages)-1]
}

// Flush sends what was reserved. It waits a moment for a full socket and never for a connection; what cannot be sent
// is dropped and counted.
func (b *Batch) Flush() { _ = b.flush() }

// flush returns the first error of any destination; the others' packets are sent all the same.
func (b *Batch) flush() error {
	var first error
	for i := range b.lanes {
		l := &b.lanes[i]
		if len(l.messages) == 0 {
			continue
		}
		if err := b.sender.send(l.socket, l.messages); err != nil && first == nil {
			first = err
		}
		l.messages = l.messages[:0]
	}
	for i := range b.streams {
		m := &b.streams[i]
		if err := m.to.stream.write(m.data, m.segments); err != nil && first == nil {
			first = err
		}
		m.to.stream = nil // an ended connection is not kept alive by an idle Batch
	}
	b.streams = b.streams[:0]
	b.used, b.last, b.taken = 0, nil, 0
	return first
}
