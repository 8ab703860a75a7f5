package sctp

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

// FuzzReceive brings chunks of any kind in, with the right tag and checksum and without, and lets time go by in
// between. The input is cut into packets: each begins with two octets that tell how long it is.
func FuzzReceive(f *testing.F) {
	packets := func(packets ...[]byte) (input []byte) {
		for _, p := range packets {
			input = append(binary.BigEndian.AppendUint16(input, uint16(len(p))), p...)
		}
		return input
	}
	forward := appendChunk(nil, chunkForwardTSN, []byte{0, 0, 0, 3, 0, 0, 0, 7})
	r := &remote{t: f}
	f.Add(packets(whole(0, "a"), whole(2, "c"), whole(1, "b"), forward))
	f.Add(packets(data(0, 0, 0, flagBegin, "a"), data(2, 0, 0, flagEnd, "c"), data(1, 0, 0, 0, "b")))
	f.Add(packets(data(1, 1, 0, allFlags|flagUnordered, "a"), forward, data(9, 0, 8, allFlags, "b")))
	f.Add(packets(r.sack(fuzzFirst, 1, 1<<16, 2, 3), r.sack(fuzzFirst, 1, 0), r.sack(fuzzFirst, 3, 1<<16)))
	f.Add(packets(resetRequest(theirFirst, theirFirst, 0), append(unknown(0x3f), unknown(0xff)...)))
	f.Add(packets(appendChunk(nil, chunkHeartbeat, make([]byte, 40)), appendChunk(nil, chunkShutdown, make([]byte, 4))))
	f.Add(packets(appendChunk(nil, chunkAbort, nil)))
	f.Fuzz(func(t *testing.T, input []byte) {
		// As it is, it must not even open.
		raw := New(testParams)
		raw.Receive(time.Now(), input, func(uint16, []byte) { t.Fatal("delivered without a checksum") })
		raw.Emit(time.Now(), func([]byte) {})

		r := opened(t, testParams)
		r.a.sender.queue.tsn = fuzzFirst
		for len(input) > 2 {
			n := min(int(binary.BigEndian.Uint16(input)), len(input)-2)
			r.now = r.now.Add(time.Duration(n) * time.Millisecond)
			r.a.Expire(r.now)
			if r.a.Ended() == nil {
				if err := r.a.Send(0, input[:n%300]); err != nil && r.a.Buffered() < 200<<10 {
					t.Fatalf("send: %v", err)
				}
			}
			r.give(bytes.Clone(input[2 : 2+n]))
			r.chunks() // all that leaves is well formed
			r.checkBounds()
			input = input[2+n:]
		}
	})
}

// fuzzFirst is our first TSN in FuzzReceive.
const fuzzFirst = 1

// checkBounds finds fault with an association whose books do not agree.
func (r *remote) checkBounds() {
	r.t.Helper()
	cost := 0
	for i, p := range r.a.assembly.held {
		if cost += pieceCost + len(p.data); i > 0 && !before(r.a.assembly.held[i-1].tsn, p.tsn) {
			r.t.Fatal("what is held is out of order")
		}
	}
	if s := &r.a.assembly; r.a.Ended() == nil && (cost != s.cost || cost > s.window+2*s.maxMessage) {
		r.t.Fatalf("holds %d octets, counted as %d", cost, s.cost)
	}
	flight, s := 0, &r.a.sender
	for _, c := range s.queue.all() {
		if c.progress == flying {
			flight += c.size
		}
	}
	if r.a.Ended() == nil && (flight != s.flight || flight > 0 && s.deadline.IsZero()) {
		r.t.Fatalf("%d octets on their way, counted as %d, deadline %v", flight, s.flight, s.deadline)
	}
	if size := footprint(r.a); size > 1<<20 {
		r.t.Fatalf("keeps %d octets", size)
	}
}

// FuzzChunks checks that walking over chunks and parameters neither leaves the packet nor stands still, and that what
// is well formed is written as it was read.
func FuzzChunks(f *testing.F) {
	f.Add(append(whole(0, "abc"), appendChunk(nil, chunkHeartbeat, []byte{1})...))
	f.Add(initChunk(1, 2, appendParam(nil, paramExtensions, []byte{130, 192})...))
	f.Add(resetRequest(1, 2, 3))
	f.Fuzz(func(t *testing.T, input []byte) {
		for rest := input; ; {
			c, after, ok := nextChunk(rest)
			if !ok {
				break
			}
			written := appendChunk(nil, c.kind, c.body)
			written[1] = c.flags
			if !bytes.HasPrefix(written, c.whole) || len(after) > len(rest)-len(c.whole) {
				t.Fatalf("chunk %x written as %x", c.whole, written)
			}
			walkParams(t, c.body)
			rest = after
		}
		walkParams(t, input)
	})
}

func walkParams(t *testing.T, rest []byte) {
	for {
		p, after, ok := nextParam(rest)
		if !ok {
			return
		}
		if written := appendParam(nil, p.kind, p.value); !bytes.HasPrefix(written, p.whole) || len(after) > len(rest)-len(p.whole) {
			t.Fatalf("parameter %x written as %x", p.whole, written)
		}
		rest = after
	}
}
