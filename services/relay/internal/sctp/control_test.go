package sctp

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func unknown(kind byte) []byte { return appendChunk(nil, kind, []byte{1, 2, 3}) }

// resetRequest asks to begin streams anew: its number, the last TSN that was sent on them, and which ones.
func resetRequest(number, last uint32, streams ...uint16) []byte {
	b := binary.BigEndian.AppendUint32(nil, number)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, last)
	for _, s := range streams {
		b = binary.BigEndian.AppendUint16(b, s)
	}
	return appendChunk(nil, chunkReconfig, appendParam(nil, paramResetOutgoing, b))
}

// result is what a request was answered with.
func (r *remote) result(number uint32) uint32 {
	r.t.Helper()
	p, _, ok := nextParam(r.want(chunkReconfig)[0].body)
	if !ok || p.kind != paramResponse || len(p.value) != 8 || binary.BigEndian.Uint32(p.value) != number {
		r.t.Fatalf("answer %x", p.whole)
	}
	return binary.BigEndian.Uint32(p.value[4:])
}

func TestReceive_AnswersHeartbeats(t *testing.T) {
	r := opened(t, testParams)
	info := appendParam(nil, 1, []byte("any five words of theirs"))
	r.give(appendChunk(nil, chunkHeartbeat, info))
	if c := r.want(chunkHeartbeatAck)[0]; !bytes.Equal(c.body, info) {
		t.Errorf("answered %q", c.body)
	}
	flood := bytes.Repeat(appendChunk(nil, chunkHeartbeat, info), 100)
	r.give(flood)
	if len(r.sent) != 1 || len(r.chunks()) > 30 {
		t.Errorf("a flood of heartbeats gave %d packets, %d chunks", len(r.sent), len(r.chunks()))
	}
}

func TestReceive_TreatsUnknownChunksByTheirUpperBits(t *testing.T) {
	for kind, want := range map[byte]struct{ goesOn, reports bool }{
		0x3f: {false, false}, 0x7f: {false, true}, 0xbf: {true, false}, 0xff: {true, true},
	} {
		r := opened(t, testParams)
		if err := r.give(unknown(kind), whole(0, "a")); err != nil {
			t.Fatal(err)
		}
		if goesOn := len(r.delivered) == 1; goesOn != want.goesOn {
			t.Errorf("%x: goes on: %v", kind, goesOn)
		}
		reported := false
		for _, c := range r.chunks() {
			if c.kind == chunkError {
				reported = true
				if want := append([]byte{0, causeUnknownChunk, 0, 11}, unknown(kind)[:7]...); !bytes.Equal(c.body, want) {
					t.Errorf("%x: reports %x, want %x", kind, c.body, want)
				}
			}
		}
		if reported != want.reports {
			t.Errorf("%x: reports: %v", kind, reported)
		}
	}
}

func TestReceive_ResetsStreamsOnceAllHasComeIn(t *testing.T) {
	r := opened(t, testParams)
	r.give(whole(0, "a"), whole(1, "b"))
	r.give(resetRequest(theirFirst, theirFirst+2, 0))
	if got := r.result(theirFirst); got != resultInProgress {
		t.Fatalf("before the last message: %d", got)
	}
	r.give(whole(2, "c"))
	for range 2 { // the answer is lost once
		r.give(resetRequest(theirFirst, theirFirst+2, 0))
		if got := r.result(theirFirst); got != resultPerformed {
			t.Fatalf("after it: %d", got)
		}
	}
	r.give(data(3, 0, 0, allFlags, "d"))
	r.heard("a", "b", "c", "d")
	r.give(resetRequest(theirFirst, theirFirst+2, 0)) // late: must not begin anew once more
	r.give(data(4, 0, 1, allFlags, "e"))
	r.heard("e")
	r.give(resetRequest(theirFirst+9, theirFirst+2))
	if got := r.result(theirFirst + 9); got != resultBadNumber {
		t.Errorf("another number: %d", got)
	}
	r.give(resetRequest(theirFirst+1, theirFirst+4)) // all
	r.want(chunkReconfig)
	r.give(data(5, 0, 0, allFlags, "f"))
	r.heard("f")
}

// TestReceive_AResetThatHasToWaitMayComeAgainUnderTheNextNumber: so it does in Chromium of some years.
func TestReceive_AResetThatHasToWaitMayComeAgainUnderTheNextNumber(t *testing.T) {
	r := opened(t, testParams)
	r.give(whole(1, "b"))
	r.give(resetRequest(theirFirst, theirFirst+1, 0))
	if got := r.result(theirFirst); got != resultInProgress {
		t.Fatalf("before the first message: %d", got)
	}
	r.give(whole(0, "a"))
	for range 2 { // the answer is lost once
		r.give(resetRequest(theirFirst+1, theirFirst+1, 0))
		if got := r.result(theirFirst + 1); got != resultPerformed {
			t.Fatalf("after it: %d", got)
		}
	}
	r.give(data(2, 0, 0, allFlags, "c"))
	r.heard("a", "b", "c")
}

func TestReceive_DeniesWhatElseIsAskedOfStreams(t *testing.T) {
	for _, kind := range []uint16{paramResetIncoming, paramResetTSN, paramAddOutgoing, paramAddIncoming} {
		r := opened(t, testParams)
		request := binary.BigEndian.AppendUint32(nil, theirFirst)
		r.give(appendChunk(nil, chunkReconfig, appendParam(nil, kind, append(request, 0, 1, 0, 0))))
		if got := r.result(theirFirst); got != resultDenied {
			t.Errorf("%d: %d", kind, got)
		}
	}
}

func TestReceive_EndsWithThePeer(t *testing.T) {
	r := opened(t, testParams)
	r.send("a")
	r.give(appendChunk(nil, chunkAbort, nil), whole(0, "late"))
	r.ended(ErrAborted)
	r.heard()
	r.want()

	r = opened(t, testParams)
	reflected := appendChunk(nil, chunkAbort, nil)
	if r.giveTagged(theirTag, reflected); r.a.Ended() != nil {
		t.Fatal("their own tag without the flag is believed")
	}
	reflected[1] = flagReflected
	r.giveTagged(theirTag, reflected)
	r.ended(ErrAborted)

	r = opened(t, testParams)
	r.send("a")
	for range 2 { // the answer is lost once
		r.give(appendChunk(nil, chunkShutdown, make([]byte, 4)))
		r.ended(ErrShutdown)
		r.want(chunkShutdownAck)
	}
	r.give(whole(0, "late"))
	r.heard()
	r.want()
}

func TestAbort_TellsThePeerOnceAndStopsDelivering(t *testing.T) {
	r := opened(t, testParams)
	r.give(whole(1, "b"), whole(2, "c"))
	r.a.Receive(r.now, packetOf(header{source: 5000, dest: 5000, tag: r.a.tag}, whole(0, "a"), whole(3, "d")),
		func(stream uint16, message []byte) {
			r.take(stream, message)
			r.a.Abort()
		})
	r.heard("a")
	r.ended(ErrClosed)
	r.emit()
	if c := r.want(chunkAbort)[0]; !bytes.Equal(c.body, []byte{0, causeUser, 0, 4}) {
		t.Errorf("cause %x", c.body)
	}
	r.emit()
	r.want()
}

func TestReceive_WalksOnceForAPacketFullOfSACKs(t *testing.T) {
	r := opened(t, testParams)
	first := r.a.sender.queue.tsn
	r.send("a")
	r.send("b")
	r.give(r.sack(first, 1, 1<<16), r.sack(first, 2, 1<<16))
	if n := len(r.a.sender.queue.all()); n != 1 {
		t.Errorf("%d chunks are left", n)
	}
	r.give(whole(1, "b"), forwardTSN(0, 0, 0), forwardTSN(9, 0, 9))
	r.heard("b")
	if s := readSACK(r.want(chunkSACK)[0]); s.cumulative != 2 {
		t.Errorf("%+v", s)
	}
}
