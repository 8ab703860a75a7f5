package sctp

import (
	"encoding/binary"
	"testing"
	"time"
	"unsafe"
)

// exchange is the steady state of a participant: a heartbeat comes in together with the SACK of the last answer, and
// SACK and answer leave in one packet.
type exchange struct {
	a       *Association
	now     time.Time
	packet  []byte
	answer  []byte
	deliver Deliver
	send    func([]byte)
	packets int
}

const (
	heartbeatSize = 40
	answerSize    = 30
)

func newExchange(t testing.TB) *exchange {
	r := opened(t, testParams)
	e := &exchange{a: r.a, now: r.now, answer: make([]byte, answerSize)}
	e.packet = packetOf(header{source: 5000, dest: 5000, tag: r.a.tag},
		r.sack(r.a.sender.queue.tsn, 0, 1<<16), data(0, 0, 0, allFlags, string(make([]byte, heartbeatSize))))
	e.deliver = func(stream uint16, _ []byte) {
		if err := e.a.Send(stream, e.answer); err != nil {
			t.Fatal(err)
		}
	}
	e.send = func(packet []byte) {
		e.packets++
		if len(packet) != packetHeader+sackHeader+dataHeader+padded(answerSize) {
			t.Fatalf("a packet of %d octets", len(packet))
		}
	}
	return e
}

// once has a heartbeat answered half a second after the last one.
func (e *exchange) once(t testing.TB) {
	e.now = e.now.Add(500 * time.Millisecond)
	if err := e.a.Receive(e.now, e.packet, e.deliver); err != nil {
		t.Fatal(err)
	}
	e.a.Emit(e.now, e.send)
	const sack, tsn, ssn = packetHeader + 4, packetHeader + sackHeader + 4, packetHeader + sackHeader + 10
	for _, at := range []int{sack, tsn} {
		binary.BigEndian.PutUint32(e.packet[at:], binary.BigEndian.Uint32(e.packet[at:])+1)
	}
	binary.BigEndian.PutUint16(e.packet[ssn:], binary.BigEndian.Uint16(e.packet[ssn:])+1)
	seal(e.packet)
}

func TestHeartbeat_IsAnsweredInOnePacketWithoutAllocating(t *testing.T) {
	e := newExchange(t)
	for range 100 {
		e.once(t)
	}
	e.packets = 0
	const runs = 1000
	if allocations := testing.AllocsPerRun(runs, func() { e.once(t) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
	if e.packets != runs+1 { // AllocsPerRun runs once more to warm up
		t.Errorf("%d packets for %d heartbeats", e.packets, runs+1)
	}
}

// footprint is what an association keeps, in octets.
func footprint(a *Association) int {
	q := &a.sender.queue
	return int(unsafe.Sizeof(*a)) + cap(a.packet) + cap(a.control) + cap(a.initAck) +
		2*cap(q.ssn) + cap(q.octets) + cap(q.chunks)*int(unsafe.Sizeof(outgoing{})) +
		cap(a.assembly.streams)*int(unsafe.Sizeof(inStream{})) + cap(a.assembly.held)*int(unsafe.Sizeof(piece{}))
}

func TestAssociation_AtRestIsSmall(t *testing.T) {
	e := newExchange(t)
	for range 100 {
		e.once(t)
	}
	size := footprint(e.a)
	t.Logf("%d octets, %d of them the association itself", size, unsafe.Sizeof(*e.a))
	if size > 3000 {
		t.Errorf("an association at rest keeps %d octets", size)
	}
}

func TestAssociation_ShrinksAfterABurst(t *testing.T) {
	r := opened(t, testParams)
	first := r.a.sender.queue.tsn
	for range 3 {
		r.send(string(make([]byte, 64<<10)))
	}
	grown := footprint(r.a)
	for r.a.Buffered() > 0 {
		q := &r.a.sender.queue
		sent := len(q.sent())
		if sent == 0 {
			t.Fatal("nothing is sent any more")
		}
		if err := r.give(r.sack(first, int(q.tsn-first)+sent, 1<<16)); err != nil {
			t.Fatal(err)
		}
	}
	if size := footprint(r.a); grown < 190_000 || size > 3000 {
		t.Errorf("%d octets in the burst, %d after it", grown, size)
	}
}

func BenchmarkHeartbeat(b *testing.B) {
	e := newExchange(b)
	b.ReportAllocs()
	for b.Loop() {
		e.once(b)
	}
}

// BenchmarkHeldData is what a hostile DATA chunk of one octet costs: one that is held, among as many as may be.
func BenchmarkHeldData(b *testing.B) {
	const held = 500
	for name, chunkOf := range map[string]func(i int) []byte{
		"beginnings": func(i int) []byte { return data(held-i, 0, 1, flagBegin, "x") }, // the last one first
		"one run":    func(i int) []byte { return data(1+i, 0, 1, 0, "x") },
		"turns":      func(i int) []byte { return data(1+i, 0, uint16(held-i), allFlags, "x") },
	} {
		b.Run(name, func(b *testing.B) {
			var chunks [][]byte
			for i := range held {
				chunks = append(chunks, chunkOf(i))
			}
			nothing := func(uint16, []byte) {}
			for b.Loop() {
				b.StopTimer()
				r := opened(b, testParams)
				packet := packetOf(header{source: 5000, dest: 5000, tag: r.a.tag}, append(chunks, whole(0, "a"))...)
				b.StartTimer()
				if err := r.a.Receive(r.now, packet, nothing); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/held, "ns/chunk")
		})
	}
}
