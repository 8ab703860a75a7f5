package sctp

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"
)

const (
	theirTag = 0x7e57ed01
	allFlags = flagBegin | flagEnd
)

// theirFirst is the browser's first TSN: it wraps around soon.
var theirFirst = uint32(0xfffffffe)

// remote is a browser made by hand, at the other end of an association.
type remote struct {
	t         testing.TB
	a         *Association
	now       time.Time
	delivered []string
	sent      [][]byte // packets of ours since the last give
}

// opened returns an association that is established and the browser at its other end.
func opened(t testing.TB, p Params) *remote {
	t.Helper()
	r := &remote{t: t, a: New(p), now: time.Unix(1000, 0)}
	if err := r.give(cookieEcho(r.init(theirTag))); err != nil || !r.a.Established() {
		t.Fatalf("not established: %v", err)
	}
	r.want(chunkCookieAck)
	return r
}

func initChunk(tag, window uint32, params ...byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, tag)
	b = binary.BigEndian.AppendUint32(b, window)
	b = append(b, 0xff, 0xff, 0xff, 0xff)
	b = binary.BigEndian.AppendUint32(b, theirFirst)
	return appendChunk(nil, chunkInit, append(b, params...))
}

// init has an INIT answered and returns the cookie.
func (r *remote) init(tag uint32) []byte {
	r.t.Helper()
	if err := r.giveTagged(0, initChunk(tag, 1<<16)); err != nil {
		r.t.Fatalf("INIT: %v", err)
	}
	body := r.want(chunkInitAck)[0].body
	for params := body[initBody:]; ; {
		p, rest, ok := nextParam(params)
		if !ok {
			r.t.Fatal("no cookie")
		}
		if p.kind == paramStateCookie {
			return p.value
		}
		params = rest
	}
}

// give brings chunks in, in one packet, and collects what is answered.
func (r *remote) give(chunks ...[]byte) error {
	r.t.Helper()
	return r.giveTagged(r.a.tag, chunks...)
}

func (r *remote) giveTagged(tag uint32, chunks ...[]byte) error {
	r.t.Helper()
	packet := packetOf(header{source: 5000, dest: 5000, tag: tag}, chunks...)
	before := slices.Clone(packet)
	err := r.a.Receive(r.now, packet, r.take)
	if !slices.Equal(packet, before) {
		r.t.Fatal("the packet was written to")
	}
	clear(packet)
	r.emit()
	return err
}

func packetOf(h header, chunks ...[]byte) []byte {
	packet := appendHeader(nil, h)
	for _, c := range chunks {
		packet = append(packet, c...)
	}
	seal(packet)
	return packet
}

func (r *remote) take(_ uint16, message []byte) { r.delivered = append(r.delivered, string(message)) }

func (r *remote) emit() {
	r.t.Helper()
	r.sent = nil
	r.a.Emit(r.now, func(packet []byte) {
		if len(packet) > r.a.params.MTU {
			r.t.Fatalf("a packet of %d octets", len(packet))
		}
		r.sent = append(r.sent, slices.Clone(packet))
	})
}

// send queues a message and collects what leaves.
func (r *remote) send(message string) {
	r.t.Helper()
	if err := r.a.Send(0, []byte(message)); err != nil {
		r.t.Fatalf("send: %v", err)
	}
	r.emit()
}

// later lets time go by until the timer.
func (r *remote) later() time.Duration {
	r.t.Helper()
	deadline := r.a.Deadline()
	if deadline.IsZero() {
		r.t.Fatal("no timer runs")
	}
	waited := deadline.Sub(r.now)
	r.now = deadline
	r.a.Expire(r.now)
	r.emit()
	return waited
}

// chunks are those of all packets that left last.
func (r *remote) chunks() []chunk {
	r.t.Helper()
	var all []chunk
	for _, packet := range r.sent {
		h, rest, err := open(packet)
		if err != nil || h.tag != theirTag && r.a.established {
			r.t.Fatalf("packet with tag %x: %v", h.tag, err)
		}
		for len(rest) > 0 {
			c, after, ok := nextChunk(rest)
			if !ok {
				r.t.Fatal("a malformed packet left")
			}
			all = append(all, c)
			rest = after
		}
	}
	return all
}

// want checks which kinds of chunks left last and returns them.
func (r *remote) want(kinds ...byte) []chunk {
	r.t.Helper()
	all := r.chunks()
	var got []byte
	for _, c := range all {
		got = append(got, c.kind)
	}
	if !slices.Equal(got, kinds) {
		r.t.Fatalf("chunks %v left, want %v", got, kinds)
	}
	return all
}

// heard checks which messages were delivered since the last time.
func (r *remote) heard(messages ...string) {
	r.t.Helper()
	if !slices.Equal(r.delivered, messages) {
		r.t.Fatalf("delivered %q, want %q", r.delivered, messages)
	}
	r.delivered = nil
}

// ended checks that the association is over.
func (r *remote) ended(reason error) {
	r.t.Helper()
	if !errors.Is(r.a.Ended(), reason) || r.a.Established() || !r.a.Deadline().IsZero() || r.a.Buffered() != 0 {
		r.t.Fatalf("ended: %v, want %v", r.a.Ended(), reason)
	}
	if err := r.a.Send(0, []byte("x")); !errors.Is(err, reason) {
		r.t.Fatalf("send afterwards: %v", err)
	}
}

func cookieEcho(cookie []byte) []byte { return appendChunk(nil, chunkCookieEcho, cookie) }

// data is a DATA chunk; number counts from their first TSN.
func data(number int, stream, ssn uint16, flags byte, text string) []byte {
	b := binary.BigEndian.AppendUint32(nil, theirFirst+uint32(number))
	b = binary.BigEndian.AppendUint16(b, stream)
	b = binary.BigEndian.AppendUint16(b, ssn)
	b = binary.BigEndian.AppendUint32(b, payloadBinary)
	c := appendChunk(nil, chunkData, append(b, text...))
	c[1] = flags
	return c
}

// whole is a message of stream 0 in one chunk, the one before it carrying the number before.
func whole(number int, text string) []byte { return data(number, 0, uint16(number), allFlags, text) }

// sack acknowledges our first count chunks and blocks of later ones, counted from the first that is missing as 1.
func (r *remote) sack(first uint32, count int, window uint32, blocks ...uint16) []byte {
	b := binary.BigEndian.AppendUint32(nil, first+uint32(count)-1)
	b = binary.BigEndian.AppendUint32(b, window)
	b = binary.BigEndian.AppendUint16(b, uint16(len(blocks)/2))
	b = append(b, 0, 0)
	for _, n := range blocks {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return appendChunk(nil, chunkSACK, b)
}

// report is a SACK of ours.
type report struct {
	cumulative int // how many of their chunks came in without a gap
	window     uint32
	blocks     []uint16
	duplicates []int
}

func readSACK(c chunk) report {
	s := report{
		cumulative: int(int32(binary.BigEndian.Uint32(c.body) - theirFirst + 1)),
		window:     binary.BigEndian.Uint32(c.body[4:]),
	}
	gaps, rest := 2*int(binary.BigEndian.Uint16(c.body[8:])), c.body[12:]
	for range gaps {
		s.blocks = append(s.blocks, binary.BigEndian.Uint16(rest))
		rest = rest[2:]
	}
	for range binary.BigEndian.Uint16(c.body[10:]) {
		s.duplicates = append(s.duplicates, int(int32(binary.BigEndian.Uint32(rest)-theirFirst)))
		rest = rest[4:]
	}
	return s
}
