package sctp

import "slices"

// pieceCost is what holding a chunk costs besides its octets: twice the memory that it takes, since small ones are
// walked over as often as large ones.
const pieceCost = 128

// Kinds of payload (RFC 8831 section 8).
const (
	payloadDCEP        = 50
	payloadBinary      = 53
	payloadEmptyText   = 56
	payloadEmptyBinary = 57
)

// Deliver takes a whole message, which is valid during the call.
type Deliver func(stream uint16, message []byte)

// piece is what a DATA chunk carries.
type piece struct {
	tsn         uint32
	stream, ssn uint16
	flags       byte
	payload     uint32
	data        []byte
}

func (p *piece) unordered() bool { return p.flags&flagUnordered != 0 }
func (p *piece) begins() bool    { return p.flags&flagBegin != 0 }
func (p *piece) ends() bool      { return p.flags&flagEnd != 0 }

// follows reports whether p goes on with the message of q.
func (p *piece) follows(q *piece) bool {
	return p.tsn == q.tsn+1 && !p.begins() && !q.ends() && p.stream == q.stream &&
		p.unordered() == q.unordered() && (p.unordered() || p.ssn == q.ssn)
}

// inStream is where the ordered messages of a stream stand.
type inStream struct {
	next  uint16 // the number of the message whose turn it is
	floor uint16 // those before it that are missing have been given up; never before next
}

// assembly makes messages out of chunks. What can be handed over at once is never held.
type assembly struct {
	maxMessage int
	window     int // octets that may be held
	streams    []inStream
	held       []piece // in order of TSN; the data is ours
	cost       int     // of what is held
	closed     bool    // nothing is delivered any more
}

func (s *assembly) init(p Params) {
	s.maxMessage, s.window = p.MaxMessage, 16*p.MaxMessage
	s.streams = make([]inStream, p.Streams)
}

// free is the receive window. A peer that fills it with what follows a gap has to close the gap first.
func (s *assembly) free() uint32 { return uint32(max(0, s.window-s.cost)) }

// take adds a chunk of a stream in use, which must not have been taken before. One that has to wait may be refused, so
// that it comes again: when the window is full, unless due, which tells that nothing before it is missing. For those
// there is always room for one message; a peer that needs more breaks the rules.
func (s *assembly) take(p piece, due bool, deliver Deliver) (taken bool, err error) {
	if len(p.data) > s.maxMessage {
		return false, ErrTooLong
	}
	stream := &s.streams[p.stream]
	if !p.unordered() && before16(p.ssn, stream.next) {
		return true, nil // given up
	}
	if p.begins() && p.ends() && (p.unordered() || p.ssn == stream.next) {
		s.hand(&p, p.data, deliver)
		if !p.unordered() && s.waits(p.stream, stream.next) {
			s.drain(deliver)
		}
		return true, nil
	}
	cost := s.cost + pieceCost + len(p.data)
	if cost > s.window {
		if !due {
			return false, nil
		}
		if cost > s.window+2*s.maxMessage {
			return false, ErrTooMuch
		}
	}
	p.data = slices.Clone(p.data)
	at, _ := slices.BinarySearchFunc(s.held, p.tsn, func(q piece, tsn uint32) int { return int(int32(q.tsn - tsn)) })
	s.held = slices.Insert(s.held, at, p)
	s.cost = cost
	for at > 0 && s.held[at].follows(&s.held[at-1]) {
		at--
	}
	_, size, whole := run(s.held[at:])
	if size > s.maxMessage {
		return true, ErrTooLong
	}
	if whole && (p.unordered() || p.ssn == stream.next) {
		s.drain(deliver)
	}
	return true, nil
}

// waits reports whether something of an ordered message is held.
func (s *assembly) waits(stream, ssn uint16) bool {
	for i := range s.held {
		if p := &s.held[i]; p.ssn == ssn && p.stream == stream && !p.unordered() {
			return true
		}
	}
	return false
}

// drain hands over what is whole and whose turn it is, in one walk in order of TSN, which is the order of messages
// too. What has been given up is dropped.
func (s *assembly) drain(deliver Deliver) {
	kept := s.held[:0]
	for rest := s.held; len(rest) > 0; {
		n, size, whole := run(rest)
		first := &rest[0]
		stream := &s.streams[first.stream]
		switch {
		case !first.unordered() && before16(first.ssn, stream.next):
			s.cost -= size + n*pieceCost
		case whole && (first.unordered() || first.ssn == stream.next || before16(first.ssn, stream.floor)):
			s.cost -= size + n*pieceCost
			s.hand(first, join(rest[:n], size), deliver)
		default:
			kept = append(kept, rest[:n]...)
		}
		rest = rest[n:]
	}
	s.keep(kept)
}

// keep lets go of all that is held but kept, which is the beginning of it.
func (s *assembly) keep(kept []piece) {
	clear(s.held[len(kept):])
	if s.held = kept; len(kept) == 0 {
		s.held = nil
	}
}

// run is how many chunks at the beginning of held belong together, how many octets they have, and whether they are a
// whole message.
func run(held []piece) (n, size int, whole bool) {
	for n < len(held) && (n == 0 || held[n].follows(&held[n-1])) {
		size += len(held[n].data)
		n++
	}
	return n, size, held[0].begins() && held[n-1].ends()
}

// join returns the message that chunks make.
func join(pieces []piece, size int) []byte {
	if len(pieces) == 1 {
		return pieces[0].data
	}
	message := make([]byte, 0, size)
	for i := range pieces {
		message = append(message, pieces[i].data...)
	}
	return message
}

// hand delivers a message and gives the turn to the one after it. first is its first chunk.
func (s *assembly) hand(first *piece, message []byte, deliver Deliver) {
	if stream := &s.streams[first.stream]; !first.unordered() {
		stream.next = first.ssn + 1
		if before16(stream.floor, stream.next) {
			stream.floor = stream.next
		}
	}
	switch {
	case s.closed || first.payload == payloadDCEP:
	case first.payload == payloadEmptyText || first.payload == payloadEmptyBinary: // one octet without a meaning
		deliver(first.stream, nil)
	default:
		deliver(first.stream, message)
	}
}

// giveUp marks the messages of a stream up to a number as not coming any more.
func (s *assembly) giveUp(stream, ssn uint16) {
	if int(stream) < len(s.streams) && before16(s.streams[stream].floor, ssn+1) {
		s.streams[stream].floor = ssn + 1
	}
}

// skip hands over what waited for messages that have been given up, and drops the parts of these: what is not whole
// and begins no later than the TSN.
func (s *assembly) skip(to uint32, deliver Deliver) {
	s.drain(deliver)
	for i := range s.streams {
		s.streams[i].next = s.streams[i].floor
	}
	kept := s.held[:0]
	for rest := s.held; len(rest) > 0; {
		n, size, whole := run(rest)
		if !whole && !before(to, rest[0].tsn) {
			s.cost -= size + n*pieceCost
		} else {
			kept = append(kept, rest[:n]...)
		}
		rest = rest[n:]
	}
	s.keep(kept)
	s.drain(deliver)
}

// reset begins anew with the numbers of a stream.
func (s *assembly) reset(stream uint16) {
	if int(stream) < len(s.streams) {
		s.streams[stream] = inStream{}
	}
}
