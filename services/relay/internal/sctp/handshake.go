package sctp

import "encoding/binary"

// secretSize is the size in octets of what tells our state cookies from others.
const secretSize = 8

// allStreams is how many streams are negotiated, whatever is in use (RFC 8831 section 6.2).
const allStreams = 65535

// Parameters of INIT and INIT ACK. The upper two bits tell what becomes of unknown ones.
const (
	paramUnrecognized = 8
	paramStateCookie  = 7
	paramExtensions   = 0x8008
	paramForwardTSN   = 0xc000

	unknownParamSkip   = 0x8000
	unknownParamReport = 0x4000
	maxReported        = 128 // octets of unknown parameters that are sent back
)

// receiveInit answers an INIT (RFC 9260 section 5.1 B), which is alone in its packet. It changes nothing: what the peer
// said travels in the cookie and counts when that comes back, so it does not matter how often and in which order INITs
// arrive. The cookie carries no signature. It proves to be ours by a secret, and what else it says is the peer's word
// about itself, which came over the same DTLS connection.
func (a *Association) receiveInit(h header, chunks []byte) error {
	c, rest, ok := nextChunk(chunks)
	if !ok || c.kind != chunkInit || len(rest) > 0 || len(c.body) < initBody {
		return ErrMalformed
	}
	if a.ended != nil {
		return a.ended
	}
	cookie := append(a.secret[:len(a.secret):len(a.secret)], 0, 0, 0, 0)
	binary.BigEndian.PutUint16(cookie[secretSize:], h.source)
	binary.BigEndian.PutUint16(cookie[secretSize+2:], h.dest)
	cookie = append(cookie, c.body[:initBody]...)
	p, ok := a.readCookie(cookie)
	if !ok {
		return ErrMalformed
	}
	body := binary.BigEndian.AppendUint32(nil, a.tag)
	body = binary.BigEndian.AppendUint32(body, a.assembly.free())
	body = binary.BigEndian.AppendUint16(body, allStreams)
	body = binary.BigEndian.AppendUint16(body, allStreams)
	body = binary.BigEndian.AppendUint32(body, a.sender.queue.tsn)
	body = appendParam(body, paramStateCookie, cookie)
	body = appendParam(body, paramForwardTSN, nil)
	body = appendParam(body, paramExtensions, []byte{chunkForwardTSN, chunkReconfig})
	body = appendUnknown(body, c.body[initBody:])
	a.initAck = appendHeader(a.initAck[:0], header{source: h.dest, dest: h.source, tag: p.tag})
	a.initAck = appendChunk(a.initAck, chunkInitAck, body)
	seal(a.initAck)
	return nil
}

// appendUnknown sends back the parameters of an INIT that ask for it.
func appendUnknown(b, params []byte) []byte {
	reported := 0
	for len(params) > 0 {
		p, rest, ok := nextParam(params)
		if !ok {
			return b
		}
		if p.kind&unknownParamReport != 0 && p.kind != paramForwardTSN && reported+len(p.whole) <= maxReported {
			b = appendParam(b, paramUnrecognized, p.whole)
			reported += len(p.whole)
		}
		if p.kind&unknownParamSkip == 0 && !knownParam(p.kind) {
			return b
		}
		params = rest
	}
	return b
}

// knownParam tells the parameters with a meaning in RFC 9260, all of which are about addresses and cookies, from those
// that stop the reading.
func knownParam(kind uint16) bool { return kind == 5 || kind == 6 || kind == 9 || kind == 12 }

// readCookie returns what the peer said in its INIT, if the cookie is ours and what it said makes sense.
func (a *Association) readCookie(cookie []byte) (peer, bool) {
	if len(cookie) != secretSize+4+initBody || [secretSize]byte(cookie) != a.secret {
		return peer{}, false
	}
	ports, init := cookie[secretSize:], cookie[secretSize+4:]
	p := peer{
		source:  binary.BigEndian.Uint16(ports),
		dest:    binary.BigEndian.Uint16(ports[2:]),
		tag:     binary.BigEndian.Uint32(init),
		window:  binary.BigEndian.Uint32(init[4:]),
		streams: binary.BigEndian.Uint16(init[10:]),
		tsn:     binary.BigEndian.Uint32(init[12:]),
	}
	return p, p.tag != 0 && p.streams != 0 && binary.BigEndian.Uint16(init[8:]) != 0
}

// receiveCookie establishes the association, or answers again if it is. It reports whether the cookie is good: data may
// follow in the same packet.
func (a *Association) receiveCookie(h header, cookie []byte) bool {
	p, ok := a.readCookie(cookie)
	if !ok || p.source != h.source || p.dest != h.dest || a.ended != nil {
		return false
	}
	if a.established && p != a.peer {
		return false // another association in the place of this one
	}
	if !a.established {
		a.peer, a.established = p, true
		a.received.init(p.tsn)
		a.resets.init(p.tsn)
		a.sender.start(p.window)
	}
	a.answer(chunkCookieAck)
	return true
}
