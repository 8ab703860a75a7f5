package sctp

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// Receive takes a packet and hands the messages that it makes whole to deliver: those of one ordered stream in order.
// An error tells why the packet was thrown away or what ended the association; Ended tells which of the two. It does
// not write to the packet and keeps nothing of it. deliver may call Send and Abort.
func (a *Association) Receive(now time.Time, packet []byte, deliver Deliver) error {
	h, chunks, err := open(packet)
	if err != nil {
		return err
	}
	if h.tag == 0 {
		return a.receiveInit(h, chunks)
	}
	if err := a.checkOrigin(h, chunks); err != nil {
		return err
	}
	seen := byte(0)
	for len(chunks) > 0 {
		c, rest, ok := nextChunk(chunks)
		if !ok {
			return ErrMalformed
		}
		chunks = rest
		once := oncePerPacket(c.kind)
		if seen&once != 0 {
			continue
		}
		seen |= once
		more, err := a.receiveChunk(now, h, c, deliver)
		switch {
		case errors.Is(err, ErrMalformed):
			return err
		case err != nil:
			a.abort(err)
		}
		if a.ended != nil {
			return a.ended
		}
		if !more {
			return nil
		}
	}
	return nil
}

// oncePerPacket tells the chunks of which only the first in a packet counts, by a bit for each: they may cost a walk
// over everything that is held or unacknowledged, and nobody honest sends two at once.
func oncePerPacket(kind byte) byte {
	switch kind {
	case chunkSACK:
		return 1
	case chunkForwardTSN:
		return 2
	default:
		return 0
	}
}

// checkOrigin throws away what is not of this association (RFC 9260 section 8.5). An ABORT from a peer
// that knows of no association carries the tag of our packet and says so.
func (a *Association) checkOrigin(h header, chunks []byte) error {
	if a.established && (h.source != a.peer.source || h.dest != a.peer.dest) {
		return ErrTag
	}
	if h.tag == a.tag {
		return nil
	}
	c, _, ok := nextChunk(chunks)
	if ok && a.established && h.tag == a.peer.tag && c.kind == chunkAbort && c.flags&flagReflected != 0 {
		return nil
	}
	return ErrTag
}

// receiveChunk takes one chunk and tells whether the next one is to be looked at. An error other than ErrMalformed ends
// the association.
func (a *Association) receiveChunk(now time.Time, h header, c chunk, deliver Deliver) (more bool, err error) {
	if c.kind == chunkCookieEcho {
		return a.receiveCookie(h, c.body), nil
	}
	if !a.established {
		return false, nil
	}
	if a.ended != nil && c.kind != chunkShutdown {
		return false, nil
	}
	switch c.kind {
	case chunkData:
		return true, a.receiveData(c, deliver)
	case chunkSACK:
		return true, a.sender.sack(now, c.body)
	case chunkHeartbeat:
		a.answer(chunkHeartbeatAck, c.body)
	case chunkForwardTSN:
		return true, a.receiveForwardTSN(c.body, deliver)
	case chunkReconfig:
		return true, a.receiveReconfig(c.body)
	case chunkAbort:
		a.end(ErrAborted)
	case chunkShutdown:
		a.receiveShutdown()
	case chunkInit, chunkInitAck, chunkCookieAck, chunkHeartbeatAck, chunkError, chunkShutdownAck, chunkShutdownComplete:
		// Of no meaning to an association that opens and closes none and asks nothing.
	default:
		if c.kind&unknownReport != 0 {
			a.reportUnknown(c)
		}
		return c.kind&unknownSkip != 0, nil
	}
	return true, nil
}

// receiveData takes a DATA chunk (RFC 9260 section 6.2). What cannot be taken now is not acknowledged either.
func (a *Association) receiveData(c chunk, deliver Deliver) error {
	if len(c.whole) < dataHeader {
		return ErrMalformed
	}
	if len(c.whole) == dataHeader {
		return ErrViolation // no user data
	}
	p := piece{
		tsn:     binary.BigEndian.Uint32(c.body),
		stream:  binary.BigEndian.Uint16(c.body[4:]),
		ssn:     binary.BigEndian.Uint16(c.body[6:]),
		flags:   c.flags,
		payload: binary.BigEndian.Uint32(c.body[8:]),
		data:    c.whole[dataHeader:],
	}
	a.sackDue = true
	if !a.received.wanted(p.tsn) {
		return nil
	}
	taken := true
	if p.stream < a.params.Streams {
		var err error
		if taken, err = a.assembly.take(p, p.tsn == a.received.cumulative+1, deliver); err != nil {
			return err
		}
	}
	if taken {
		a.received.take(p.tsn)
	}
	a.sackDue = true // deliver may have called Emit
	return nil
}

// receiveForwardTSN gives up what the peer has given up (RFC 3758 section 3.6).
func (a *Association) receiveForwardTSN(body []byte, deliver Deliver) error {
	if len(body) < 4 {
		return ErrMalformed
	}
	to := binary.BigEndian.Uint32(body)
	a.sackDue = true
	if !a.received.skip(to) {
		return nil
	}
	for skipped := body[4:]; len(skipped) >= 4; skipped = skipped[4:] {
		a.assembly.giveUp(binary.BigEndian.Uint16(skipped), binary.BigEndian.Uint16(skipped[2:]))
	}
	a.assembly.skip(to, deliver)
	return nil
}

// receiveShutdown ends the association: a peer that shuts it down leaves, and what waited for it is given up. The
// answer is repeated as often as it asks.
func (a *Association) receiveShutdown() {
	if a.ended == nil {
		a.end(ErrShutdown)
	}
	if errors.Is(a.ended, ErrShutdown) {
		a.farewell = appendChunk(a.farewell[:0], chunkShutdownAck, nil)
	}
}

// reportUnknown tells the peer of a chunk that we do not know (RFC 9260 section 3.3.10.6).
func (a *Association) reportUnknown(c chunk) {
	cause := [4]byte{0, causeUnknownChunk}
	binary.BigEndian.PutUint16(cause[2:], uint16(min(len(cause)+len(c.whole), math.MaxUint16)))
	a.answer(chunkError, cause[:], c.whole)
}
