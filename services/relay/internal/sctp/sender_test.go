package sctp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
)

// sentData tells the TSNs, counted from our first, of the chunks that left last, which are all to be DATA.
func (r *remote) sentData(first uint32) (numbers []int) {
	r.t.Helper()
	for _, c := range r.chunks() {
		if c.kind != chunkData {
			r.t.Fatalf("chunk %d left", c.kind)
		}
		numbers = append(numbers, int(binary.BigEndian.Uint32(c.body)-first))
	}
	return numbers
}

func (r *remote) wantData(first uint32, numbers ...int) {
	r.t.Helper()
	got := r.sentData(first)
	if len(got) != len(numbers) {
		r.t.Fatalf("chunks %v left, want %v", got, numbers)
	}
	for i := range got {
		if got[i] != numbers[i] {
			r.t.Fatalf("chunks %v left, want %v", got, numbers)
		}
	}
}

// mss is what fills a packet.
var mss = strings.Repeat("x", testParams.MTU-packetHeader-dataHeader-3)

func TestSend_CutsMessagesAtTheMTUAndAsksForASACKAtTheEnd(t *testing.T) {
	r := opened(t, testParams)
	r.send(mss + mss + "end")
	chunks := r.want(chunkData, chunkData, chunkData)
	text := ""
	for i, want := range []byte{flagBegin, 0, flagEnd | flagAtOnce} {
		c := chunks[i]
		if c.flags != want || binary.BigEndian.Uint16(c.body[6:]) != 0 || binary.BigEndian.Uint32(c.body[8:]) != payloadBinary {
			t.Errorf("chunk %d: %x", i, c.whole[:dataHeader])
		}
		text += string(c.body[12:])
	}
	if text != mss+mss+"end" {
		t.Error("another text")
	}
	r.send("")
	c := r.want(chunkData)[0]
	if binary.BigEndian.Uint16(c.body[6:]) != 1 || binary.BigEndian.Uint32(c.body[8:]) != payloadEmptyBinary || len(c.body) != 13 {
		t.Errorf("an empty message: %x", c.whole)
	}
}

func TestSend_RefusesWhatDoesNotFit(t *testing.T) {
	r := opened(t, Params{MTU: 1191, MaxMessage: 100, MaxUnsent: 1000, Streams: 2})
	if err := r.a.Send(2, []byte("a")); !errors.Is(err, ErrStream) {
		t.Errorf("stream 2: %v", err)
	}
	if err := r.a.Send(0, make([]byte, 1000-dataHeader+1)); !errors.Is(err, ErrFull) {
		t.Errorf("too long: %v", err)
	}
	first := r.a.sender.queue.tsn
	r.send(string(make([]byte, 1000-dataHeader)))
	if err := r.a.Send(0, []byte("a")); !errors.Is(err, ErrFull) || r.a.Buffered() != 1000 {
		t.Errorf("full: %v, %d octets", err, r.a.Buffered())
	}
	r.give(r.sack(first, 1, 1<<16))
	if r.a.Buffered() != 0 || !r.a.Deadline().IsZero() {
		t.Errorf("%d octets, deadline %v", r.a.Buffered(), r.a.Deadline())
	}
	r.send("a")
}

func TestSend_KeepsToTheCongestionWindow(t *testing.T) {
	r := opened(t, testParams)
	first := r.a.sender.queue.tsn
	for range 100 {
		r.a.Send(0, []byte(mss))
	}
	r.emit()
	r.wantData(first, 0, 1, 2, 3) // 4404 octets are begun
	r.give(r.sack(first, 2, 1<<16))
	r.wantData(first, 4, 5, 6) // slow start: one more than was acknowledged
	r.give(r.sack(first, 7, 1<<16))
	if n := len(r.sent); n != maxBurst {
		t.Errorf("a burst of %d packets", n)
	}
}

func TestSend_KeepsToThePeersWindowAndAsksWhenItIsClosed(t *testing.T) {
	r := opened(t, testParams)
	first := r.a.sender.queue.tsn
	for range 10 {
		r.a.Send(0, []byte(mss))
	}
	r.emit()
	r.wantData(first, 0, 1, 2, 3)
	r.give(r.sack(first, 4, 1500))
	r.wantData(first, 4)
	r.give(r.sack(first, 5, 0))
	r.wantData(first, 5) // one chunk asks
	for range 2 * maxExpiries {
		r.give(r.sack(first, 5, 0))
		r.want()
		if waited := r.later(); waited > rtoMax {
			t.Fatalf("asked after %v", waited)
		}
		r.wantData(first, 5)
	}
	r.give(r.sack(first, 6, 1<<16))
	if r.a.Ended() != nil || len(r.sentData(first)) == 0 {
		t.Errorf("ended: %v", r.a.Ended())
	}
}

func TestSend_RepeatsWhatThreeLaterOnesHaveOvertaken(t *testing.T) {
	r := opened(t, testParams)
	first := r.a.sender.queue.tsn
	for range 4 {
		r.send("a")
	}
	r.give(r.sack(first, 0, 1<<16, 2, 2))
	r.give(r.sack(first, 0, 1<<16, 2, 2)) // says nothing new
	r.give(r.sack(first, 0, 1<<16, 2, 3))
	r.want()
	r.give(r.sack(first, 0, 1<<16, 2, 4))
	r.wantData(first, 0)
	if cwnd := r.a.sender.cwnd; cwnd != 4*testParams.MTU {
		t.Errorf("congestion window %d", cwnd)
	}
	for range 3 { // the repetition is lost, too: three sent after it arrive
		r.send("b")
	}
	r.give(r.sack(first, 0, 1<<16, 2, 5))
	r.give(r.sack(first, 0, 1<<16, 2, 6))
	r.want()
	r.give(r.sack(first, 0, 1<<16, 2, 7))
	r.wantData(first, 0)
	r.give(r.sack(first, 7, 1<<16))
	if r.a.Buffered() != 0 || !r.a.Deadline().IsZero() || r.a.sender.flight != 0 {
		t.Errorf("%d octets left", r.a.Buffered())
	}
}

func TestSend_RepeatsWhatIsNotAnsweredEverMoreSlowlyAndGivesUp(t *testing.T) {
	r := opened(t, testParams)
	first := r.a.sender.queue.tsn
	r.send("a")
	r.send("b")
	total, wait := time.Duration(0), rtoInitial
	for i := range maxExpiries {
		waited := r.later()
		if waited != wait {
			t.Fatalf("time %d: after %v, want %v", i, waited, wait)
		}
		r.wantData(first, 0, 1)
		total += waited
		wait = min(2*wait, rtoMax)
	}
	r.now = r.a.Deadline()
	r.a.Expire(r.now)
	r.ended(ErrUnanswered)
	if total < time.Minute || total > 2*time.Minute {
		t.Errorf("gave up after %v", total)
	}
}

func TestSend_IsNotSlowAnyMoreOnceThePathWorks(t *testing.T) {
	r := opened(t, testParams)
	first := r.a.sender.queue.tsn
	r.send("a")
	r.now = r.now.Add(50 * time.Millisecond)
	r.give(r.sack(first, 1, 1<<16))
	for n := range 3 { // each is lost some times, so that no round trip is measured
		r.send("b")
		if waited := r.later(); waited > rtoInitial {
			t.Fatalf("message %d: sent again after %v", n, waited)
		}
		for range 3 {
			r.later()
		}
		r.give(r.sack(first, 2+n, 1<<16))
	}
}

func TestExpire_DoesNothingTooEarly(t *testing.T) {
	r := opened(t, testParams)
	r.a.Expire(r.now.Add(time.Hour))
	r.send("a")
	r.a.Expire(r.a.Deadline().Add(-1))
	r.emit()
	r.want()
}

func TestSend_SendsAgainWhatThePeerThrewAway(t *testing.T) {
	r := opened(t, testParams)
	first := r.a.sender.queue.tsn
	for range 3 {
		r.send("a")
	}
	r.give(r.sack(first, 0, 1<<16, 2, 3))
	r.give(r.sack(first, 1, 1<<16)) // 1 and 2 had arrived, and are gone
	r.checkBounds()
	r.later()
	r.wantData(first, 1, 2)
}

func TestSend_MeasuresTheRoundTrip(t *testing.T) {
	r := opened(t, testParams)
	for i := range 50 {
		first := r.a.sender.queue.tsn
		r.send("a")
		r.now = r.now.Add(80 * time.Millisecond)
		r.give(r.sack(first, 1, 1<<16))
		if i == 0 && r.a.sender.rto.value != 280*time.Millisecond {
			t.Errorf("after the first: %v", r.a.sender.rto.value)
		}
	}
	if got := r.a.sender.rto.value; got != 80*time.Millisecond+rtoMargin {
		t.Errorf("in the end: %v", got)
	}
	first := r.a.sender.queue.tsn
	r.send("a")
	r.later()
	doubled := r.a.sender.rto.value
	r.give(r.sack(first, 1, 1<<16)) // of which of the two is not known
	if got := r.a.sender.rto.value; got != doubled {
		t.Errorf("a repeated chunk was measured: %v, before %v", got, doubled)
	}
}

func TestSACK_ThatCannotBeEndsTheAssociation(t *testing.T) {
	r := opened(t, testParams)
	first := r.a.sender.queue.tsn
	r.a.Send(0, bytes.Repeat([]byte(mss), 20))
	r.emit()
	r.give(r.sack(first, -1, 1<<16)) // an old one
	if r.a.Ended() != nil {
		t.Fatal("an old one ended it")
	}
	r.give(r.sack(first, 0, 1<<16, 900, 800, 0, 65535, 1, 1)) // blocks without sense
	r.checkBounds()
	if r.a.Ended() != nil {
		t.Fatal("blocks ended it")
	}
	r.give(r.sack(first, 5, 1<<16)) // four were sent
	r.ended(ErrViolation)
	r.want(chunkAbort)
}

func TestEmit_SendsWhatIsDueInOnePacket(t *testing.T) {
	r := opened(t, testParams)
	r.a.Receive(r.now, packetOf(header{source: 5000, dest: 5000, tag: r.a.tag},
		whole(0, "a"), appendChunk(nil, chunkHeartbeat, make([]byte, 8))), func(stream uint16, _ []byte) {
		r.a.Send(stream, []byte("answer"))
		r.a.Send(stream, []byte("another"))
	})
	r.emit()
	r.want(chunkHeartbeatAck, chunkSACK, chunkData, chunkData)
	if len(r.sent) != 1 {
		t.Errorf("%d packets", len(r.sent))
	}
	r.emit()
	r.want()
}
