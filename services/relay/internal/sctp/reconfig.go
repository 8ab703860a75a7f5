package sctp

import "encoding/binary"

// Parameters of RE-CONFIG (RFC 6525 section 4).
const (
	paramResetOutgoing = 13 // the peer begins its streams anew
	paramResetIncoming = 14 // it asks us to
	paramResetTSN      = 15
	paramResponse      = 16
	paramAddOutgoing   = 17
	paramAddIncoming   = 18
)

// Results of a request (RFC 6525 section 4.4).
const (
	resultPerformed  = 1
	resultDenied     = 2
	resultBadNumber  = 5
	resultInProgress = 6
)

const resetHeader = 12 // of a paramResetOutgoing before its streams

// resets knows which requests of the peer were answered.
type resets struct {
	next uint32 // the number of the next request
	last byte   // the result of the one before it
}

func (r *resets) init(first uint32) { *r = resets{next: first} }

// receiveReconfig answers requests about streams. A browser that closes a data channel resets it; we let it, and do
// not reset ours in turn: the relay's channels last as long as the connection.
func (a *Association) receiveReconfig(body []byte) error {
	for len(body) > 0 {
		p, rest, ok := nextParam(body)
		if !ok {
			return ErrMalformed
		}
		switch p.kind {
		case paramResetOutgoing:
			if len(p.value) < resetHeader {
				return ErrMalformed
			}
			a.answerRequest(p.value, a.resetResult)
		case paramResetIncoming, paramResetTSN, paramAddOutgoing, paramAddIncoming:
			if len(p.value) < 4 {
				return ErrMalformed
			}
			a.answerRequest(p.value, deny)
		}
		body = rest
	}
	return nil
}

func deny([]byte) byte { return resultDenied }

// answerRequest carries a request out, once, and answers it as often as it comes (RFC 6525 section 5.2). One that had to
// wait may come again under its own number or, as Chromium has done, under the next.
func (a *Association) answerRequest(request []byte, carryOut func([]byte) byte) {
	number := binary.BigEndian.Uint32(request)
	r, result := &a.resets, byte(resultBadNumber)
	switch again := number == r.next-1; {
	case number == r.next, again && r.last == resultInProgress:
		result = carryOut(request)
		r.next, r.last = number+1, result
	case again && r.last != 0:
		result = r.last
	}
	var response [paramHeader + 8]byte
	binary.BigEndian.PutUint16(response[:], paramResponse)
	binary.BigEndian.PutUint16(response[2:], uint16(len(response)))
	binary.BigEndian.PutUint32(response[4:], number)
	response[11] = result
	a.answer(chunkReconfig, response[:])
}

// resetResult resets streams once all that was sent on them before has come in (RFC 6525 section 5.2.2).
func (a *Association) resetResult(request []byte) byte {
	if last := binary.BigEndian.Uint32(request[8:]); before(a.received.cumulative, last) {
		return resultInProgress
	}
	streams := request[resetHeader:]
	if len(streams) < 2 { // none means all
		for i := range a.params.Streams {
			a.assembly.reset(i)
		}
	}
	for ; len(streams) >= 2; streams = streams[2:] {
		a.assembly.reset(binary.BigEndian.Uint16(streams))
	}
	return resultPerformed
}
