// Package sctp is the relay's end of an SCTP association over DTLS (RFC 9260, RFC 8261), as far as the negotiated data
// channels of a browser need it (RFC 8831).
//
// The relay has its own because of its heartbeats: hundreds of participants send two a second, and each is answered.
// An Association has no goroutine, no lock, no timer and no clock. A packet runs to completion on the goroutine that
// read it: Receive hands its messages over, what they cause is queued by Send, and Emit lets the acknowledgement and
// the answers leave together. An association at rest holds less than 3 kB and allocates nothing for a heartbeat.
//
// Supported: the passive side of the handshake; any message of bounded size, ordered or not, on streams 0 to
// Params.Streams-1; messages that the peer gives up (RFC 3758); streams that it resets (RFC 6525); sending reliable
// ordered messages with congestion control, fast retransmission and retransmission by time.
//
// Not supported: opening an association (browsers always send INIT themselves; with one side silent there are no
// crossed ones); restarting one (a browser makes a new DTLS connection); several addresses and ports (RFC 8261 has
// none); messages that we give up; resetting our own streams; interleaved messages (RFC 8260), checksums of zero
// (RFC 9653) and more streams later on, none of which we offer; heartbeats of our own (ICE knows whether the path
// lives); a graceful end of our own (the relay ends a connection as a whole). Kinds of payload are not told apart,
// except that DCEP messages (RFC 8832), which open channels that are not negotiated, are thrown away.
//
// Everything that comes in is hostile. DTLS says who sent it, not that it means well: lengths are checked, memory is
// bounded by Params.MaxMessage and Params.MaxUnsent, and what an octet can cost is measured (BenchmarkHeldData).
package sctp

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"time"
)

// Why a packet was thrown away. The association lives on.
var (
	// ErrMalformed is returned for a packet whose lengths do not fit.
	ErrMalformed = errors.New("sctp: malformed packet")
	// ErrChecksum is returned for a packet whose checksum is wrong.
	ErrChecksum = errors.New("sctp: wrong checksum")
	// ErrTag is returned for a packet that is not of this association.
	ErrTag = errors.New("sctp: wrong verification tag or ports")
)

// Why an association ended.
var (
	// ErrClosed is an end by Abort.
	ErrClosed = errors.New("sctp: closed")
	// ErrAborted is an end by the peer's ABORT.
	ErrAborted = errors.New("sctp: aborted by the peer")
	// ErrShutdown is an end by the peer's SHUTDOWN.
	ErrShutdown = errors.New("sctp: shut down by the peer")
	// ErrUnanswered is an end because the peer acknowledges nothing any more.
	ErrUnanswered = errors.New("sctp: retransmissions stay unanswered")
	// ErrTooLong is an end by a message over Params.MaxMessage.
	ErrTooLong = errors.New("sctp: message too long")
	// ErrViolation is an end by a packet that breaks the protocol.
	ErrViolation = errors.New("sctp: protocol violation")
	// ErrTooMuch is an end by a peer that leaves more messages incomplete than any honest one.
	ErrTooMuch = errors.New("sctp: too much to hold")
)

// What Send refuses besides. The association lives on.
var (
	// ErrFull is returned when the peer does not take what it is sent.
	ErrFull = errors.New("sctp: messages pile up unacknowledged")
	// ErrStream is returned for a stream that is not negotiated.
	ErrStream = errors.New("sctp: no such stream")
)

// Params are the bounds of an association.
type Params struct {
	// MTU is the size in octets of the largest packet that is sent, at least MinMTU.
	MTU int
	// MaxMessage is the size in octets of the longest message that may come in. The receive window is sixteen of them.
	MaxMessage int
	// MaxUnsent is how many octets may wait to be sent or acknowledged, with 16 for the header of each chunk.
	MaxUnsent int
	// Streams is how many streams are in use, from 0. What comes in on others is acknowledged and thrown away.
	Streams uint16
}

// MinMTU is the smallest MTU: the longest SACK still fits in.
const MinMTU = 512

// Association is one end of an association. It is not safe for concurrent use.
type Association struct {
	params Params
	secret [secretSize]byte // tells our state cookies
	tag    uint32           // what the peer's packets carry
	peer   peer

	established bool
	ended       error

	received received
	assembly assembly
	resets   resets
	sender   sender

	sackDue  bool
	control  []byte // chunks that go out with the next packet
	initAck  []byte // a packet that goes out by itself
	farewell []byte // the chunk that ends the association
	packet   []byte // under construction in Emit
	lastData int    // where in packet the last DATA chunk begins
}

// peer is what the other end said of itself in its INIT.
type peer struct {
	tag     uint32 // what our packets carry
	tsn     uint32 // of its first DATA chunk
	window  uint32
	source  uint16 // its port
	dest    uint16 // our port
	streams uint16 // how many streams it takes
}

// New returns an association that waits for the peer's INIT.
func New(p Params) *Association {
	p.MTU = max(p.MTU, MinMTU)
	a := &Association{params: p}
	var random [secretSize + 8]byte
	rand.Read(random[:]) //nolint:errcheck // it never fails (crypto/rand)
	copy(a.secret[:], random[:])
	a.tag = max(binary.BigEndian.Uint32(random[secretSize:]), 1) // 0 is that of an INIT
	a.sender.init(p, binary.BigEndian.Uint32(random[secretSize+4:]))
	a.assembly.init(p)
	return a
}

// Established reports whether the handshake is done and the association has not ended.
func (a *Association) Established() bool { return a.established && a.ended == nil }

// Ended is nil while the association lives and tells why it ended afterwards. What is to be said to the peer about it
// leaves with the next Emit.
func (a *Association) Ended() error { return a.ended }

// Buffered is how many octets wait to be sent or acknowledged, with their headers.
func (a *Association) Buffered() int { return a.sender.queue.size() }

// Send queues a message on a stream, also before the association is established: ordered, and sent again until it is
// acknowledged. It keeps a copy. It fails with ErrFull beyond Params.MaxUnsent.
func (a *Association) Send(stream uint16, message []byte) error {
	if a.ended != nil {
		return a.ended
	}
	if stream >= a.params.Streams || a.established && stream >= a.peer.streams {
		return ErrStream
	}
	return a.sender.queue.push(stream, message)
}

// Deadline is when Expire is to be called. It is zero when nothing waits for an acknowledgement.
func (a *Association) Deadline() time.Time {
	if a.ended != nil {
		return time.Time{}
	}
	return a.sender.deadline
}

// Expire has what was not acknowledged in time sent again by the next Emit. Called before Deadline it does nothing.
func (a *Association) Expire(now time.Time) {
	if deadline := a.Deadline(); deadline.IsZero() || now.Before(deadline) {
		return
	}
	if err := a.sender.expire(); err != nil {
		a.abort(err)
	}
}

// Abort ends the association. Whoever is at the other end learns it by the next Emit.
func (a *Association) Abort() { a.abort(ErrClosed) }

// abort ends the association for a reason that the peer is told.
func (a *Association) abort(reason error) {
	if a.ended != nil {
		return
	}
	a.end(reason)
	cause := byte(causeViolation)
	switch {
	case errors.Is(reason, ErrClosed):
		cause = causeUser
	case errors.Is(reason, ErrTooMuch), errors.Is(reason, ErrTooLong):
		cause = causeResources
	}
	a.farewell = appendChunk(nil, chunkAbort, []byte{0, cause, 0, 4})
}

// end stops everything: what waited to be sent is given up, nothing is delivered any more.
func (a *Association) end(reason error) {
	a.ended = reason
	a.assembly.closed = true
	a.control, a.initAck = nil, nil
	a.sender.queue.drop()
	a.sender.deadline = time.Time{}
}
