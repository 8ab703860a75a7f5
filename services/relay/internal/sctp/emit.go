package sctp

import (
	"encoding/binary"
	"time"
)

// maxSACK is the longest SACK: Params.MTU leaves room for it, whatever else is in the packet.
const maxSACK = sackHeader + 4*maxGaps + 4*maxDuplicates

// Emit hands over the packets that are to be sent now, each valid during its call. It is to be called after Receive,
// Send, Expire and Abort, once for several of them: what is due then leaves together. send must not call back.
func (a *Association) Emit(now time.Time, send func(packet []byte)) {
	if len(a.initAck) > 0 {
		send(a.initAck)
		a.initAck = nil
	}
	if !a.established {
		return
	}
	a.begin()
	if a.ended != nil {
		a.packet = append(a.packet, a.farewell...)
		a.farewell = nil
		a.flush(send)
		return
	}
	a.packet = append(a.packet, a.control...) // a COOKIE ACK has to come first
	a.control = a.control[:0]
	if a.sackDue {
		a.packet = a.received.appendSACK(a.packet, a.assembly.free())
		a.sackDue = false
	}
	a.emitData(now, send)
	if a.lastData > 0 {
		a.packet[a.lastData+1] |= flagAtOnce
	}
	a.flush(send)
}

// emitData adds what of the queue is to be sent. The last chunk of all will ask to be acknowledged at once: nothing
// follows that would have the peer do so, and a SACK that it kept back would cost as much later.
func (a *Association) emitData(now time.Time, send func([]byte)) {
	s := &a.sender
	s.rest(now)
	budget, urgent := s.budget(), s.urgent
	s.urgent = false
	for from := 0; ; from++ {
		i, ok := s.next(from, budget, urgent)
		if ok && len(a.packet)+s.queue.all()[i].size > a.params.MTU {
			urgent = urgent && a.lastData == 0
			a.flush(send)
			a.begin()
			i, ok = s.next(i, budget, urgent)
		}
		if !ok {
			return
		}
		a.lastData = len(a.packet)
		a.packet = append(a.packet, s.queue.wire(i)...)
		s.mark(now, i)
		from = i
	}
}

// begin starts a packet to the peer.
func (a *Association) begin() {
	if a.packet == nil {
		a.packet = make([]byte, 0, a.params.MTU)
	}
	a.packet = appendHeader(a.packet[:0], header{source: a.peer.dest, dest: a.peer.source, tag: a.peer.tag})
	a.lastData = 0
}

// flush sends the packet if there is something in it.
func (a *Association) flush(send func([]byte)) {
	if len(a.packet) > packetHeader {
		seal(a.packet)
		send(a.packet)
	}
}

// answer queues a chunk for the next packet. What has no room there is dropped, as if it had been lost on the way:
// nobody honest asks that much at once.
func (a *Association) answer(kind byte, parts ...[]byte) {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	if packetHeader+len(a.control)+chunkHeader+padded(size)+maxSACK > a.params.MTU {
		return
	}
	a.control = append(a.control, kind, 0)
	a.control = binary.BigEndian.AppendUint16(a.control, uint16(chunkHeader+size))
	for _, part := range parts {
		a.control = append(a.control, part...)
	}
	a.control = pad(a.control, size)
}
