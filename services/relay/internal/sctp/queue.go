package sctp

import (
	"encoding/binary"
	"time"
)

// A queue that has run empty keeps this much, so that the next answer needs no allocation, and no more.
const (
	keptOctets = 1 << 10
	keptChunks = 16
)

// Where an outgoing chunk is on its way.
type progress byte

const (
	waiting progress = iota // not sent yet
	flying                  // sent, and counted as being on its way
	lost                    // sent, and to be sent again
	arrived                 // reported in a gap block
)

// outgoing is a DATA chunk that is not acknowledged yet.
type outgoing struct {
	at, size int // where in queue.octets it is, with its padding
	progress progress
	again    bool // it was sent more than once: what is acknowledged is not known
	missed   byte // reports of something sent after it
	sent     time.Time
	turn     uint64 // of its last sending, among all
}

// queue holds what was sent but not acknowledged, and what was not sent yet: DATA chunks as they go on the wire, in
// order of TSN. All messages have the same rank, so a chunk gets its TSN when it is queued.
type queue struct {
	limit   int // octets
	room    int // octets of a message in one chunk
	ssn     []uint16
	tsn     uint32 // of the first chunk
	octets  []byte
	chunks  []outgoing
	done    int // how many of chunks are acknowledged and gone
	waiting int // how many were not sent yet: the last ones
}

func (q *queue) init(p Params, tsn uint32) {
	q.limit, q.room = p.MaxUnsent, (p.MTU-packetHeader-dataHeader)&^3
	q.ssn = make([]uint16, p.Streams)
	q.tsn = tsn
}

// all are the chunks that are not acknowledged.
func (q *queue) all() []outgoing { return q.chunks[q.done:] }

// sent are those of them that were sent at least once.
func (q *queue) sent() []outgoing { return q.chunks[q.done : len(q.chunks)-q.waiting] }

func (q *queue) size() int {
	if left := q.all(); len(left) > 0 {
		return len(q.octets) - left[0].at
	}
	return 0
}

// wire is a chunk as it is sent.
func (q *queue) wire(i int) []byte {
	c := &q.all()[i]
	return q.octets[c.at : c.at+c.size]
}

// push queues a message, cut into chunks (RFC 9260 section 6.9). An empty one is one octet of another kind, as SCTP has
// no empty messages (RFC 8831 section 6.6).
func (q *queue) push(stream uint16, message []byte) error {
	payload := uint32(payloadBinary)
	if len(message) == 0 {
		payload, message = payloadEmptyBinary, []byte{0}
	}
	chunks := (len(message) + q.room - 1) / q.room
	if q.size()+len(message)+chunks*dataHeader > q.limit {
		return ErrFull
	}
	q.tidy()
	flags := byte(flagBegin)
	for {
		n := min(q.room, len(message))
		if n == len(message) {
			flags |= flagEnd
		}
		q.append(flags, stream, payload, message[:n])
		if message = message[n:]; len(message) == 0 {
			break
		}
		flags = 0
	}
	q.ssn[stream]++
	return nil
}

func (q *queue) append(flags byte, stream uint16, payload uint32, data []byte) {
	at, tsn := len(q.octets), q.tsn+uint32(len(q.all()))
	b := append(q.octets, chunkData, flags)
	b = binary.BigEndian.AppendUint16(b, uint16(dataHeader+len(data)))
	b = binary.BigEndian.AppendUint32(b, tsn)
	b = binary.BigEndian.AppendUint16(b, stream)
	b = binary.BigEndian.AppendUint16(b, q.ssn[stream])
	b = binary.BigEndian.AppendUint32(b, payload)
	q.octets = pad(append(b, data...), len(data))
	q.chunks = append(q.chunks, outgoing{at: at, size: len(q.octets) - at})
	q.waiting++
}

// pop lets the first chunk go.
func (q *queue) pop() {
	q.done++
	q.tsn++
	if q.done < len(q.chunks) {
		return
	}
	if q.done, q.octets, q.chunks = 0, q.octets[:0], q.chunks[:0]; cap(q.octets) > keptOctets {
		q.octets = nil
	}
	if cap(q.chunks) > keptChunks {
		q.chunks = nil
	}
}

// tidy moves what is left to the front once more than half is gone, so that a queue that never runs empty does not
// grow.
func (q *queue) tidy() {
	if q.done < keptChunks || q.done <= len(q.chunks)/2 {
		return
	}
	gone := q.chunks[q.done].at
	q.octets = q.octets[:copy(q.octets, q.octets[gone:])]
	q.chunks = q.chunks[:copy(q.chunks, q.chunks[q.done:])]
	q.done = 0
	for i := range q.chunks {
		q.chunks[i].at -= gone
	}
}

// drop gives everything up.
func (q *queue) drop() { *q = queue{limit: q.limit, room: q.room, ssn: q.ssn, tsn: q.tsn} }
