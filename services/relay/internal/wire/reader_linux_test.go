package wire

import (
	"runtime"
	"testing"
	"time"
)

// spin lets real time pass: the kernel's clock is the subject.
func spin(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
		runtime.Gosched()
	}
}

func TestReader_StampsWithTheKernelsTimeOfArrival(t *testing.T) {
	p := open(t, Params{Shards: 1})
	from := newRemote(t, "127.0.0.1")
	before := time.Now()
	from.send(p.address(0), []byte("hello"))
	after := time.Now()
	spin(5 * time.Millisecond) // it waits in the socket
	in, err := newReader(p.sockets.udp[0][0]).read()
	if err != nil || len(in) != 1 {
		t.Fatal(len(in), err)
	}
	const jitter = time.Millisecond // of reading two clocks
	if at := in[0].At; at.Before(before.Add(-jitter)) || at.After(after.Add(jitter)) {
		t.Errorf("arrived %v after sending began, which took %v", at.Sub(before), after.Sub(before))
	}
}

func TestReader_TakesWhatIsThereInOneCall(t *testing.T) {
	p := open(t, Params{Shards: 1})
	from := newRemote(t, "127.0.0.1")
	for i := range 10 {
		from.send(p.address(0), packet(i, 100+i))
	}
	in, err := newReader(p.sockets.udp[0][0]).read()
	if err != nil || len(in) != 10 {
		t.Fatal(len(in), err)
	}
	for i, d := range in {
		if string(d.Data) != string(packet(i, 100+i)) || d.From != from.path(p) {
			t.Errorf("datagram %d: %d bytes from %v", i, len(d.Data), d.From.Remote())
		}
		if i > 0 && d.At.Before(in[i-1].At) {
			t.Errorf("datagram %d arrived before the one ahead of it", i)
		}
	}
	if s := p.Stats(); s.Received != 10 || s.Reads != 1 {
		t.Errorf("%+v", s)
	}
}

func TestReader_SkipsWhatIsEmptyOrTooLong(t *testing.T) {
	p := open(t, Params{Shards: 1})
	from := newRemote(t, "127.0.0.1")
	for _, n := range []int{0, MTU + 1, MTU} {
		from.send(p.address(0), packet(1, n))
	}
	in, err := newReader(p.sockets.udp[0][0]).read()
	if err != nil || len(in) != 1 || len(in[0].Data) != MTU {
		t.Fatal(len(in), err)
	}
	if s := p.Stats(); s.Drops != 1 {
		t.Errorf("%+v", s)
	}
}

func TestShards_ShareThePortAndEachRemoteReachesOne(t *testing.T) {
	const shards, remotes = 4, 64
	handler := newRecorder()
	p := serve(t, Params{Shards: shards}, handler)
	if got := len(p.sockets.udp[0]); got != shards {
		t.Fatalf("%d sockets", got)
	}
	used := map[*socket]int{}
	for range remotes {
		r := newRemote(t, "127.0.0.1")
		var first Path
		for i := range 5 {
			r.send(p.address(0), packet(i, 50))
			from := wait(t, handler.arrived, "datagram").from
			if i == 0 {
				first = from
			}
			if from != first || from.Remote() != r.address() {
				t.Fatalf("datagram %d came over another socket", i)
			}
		}
		used[first.socket]++
	}
	if len(used) < 2 { // all 64 on one of four: chance 1 in 4^63
		t.Errorf("%d of %d sockets are used", len(used), shards)
	}
}

func TestShards_AnyMayAnswerARemoteOfAnother(t *testing.T) {
	p := open(t, Params{Shards: 4})
	to := newRemote(t, "127.0.0.1")
	for shard := range 4 {
		b := newBatch(p, shard)
		put(t, b, to.path(p), packet(shard, 100))
		b.Flush()
		buffer := make([]byte, MTU)
		_, from, err := to.conn.ReadFromUDPAddrPort(buffer)
		if err != nil || from != p.address(0) {
			t.Errorf("shard %d: from %v, %v", shard, from, err)
		}
	}
}

func TestStats_CountWhatTheKernelDropped(t *testing.T) {
	p := open(t, Params{Shards: 1})
	if err := p.sockets.udp[0][0].conn.SetReadBuffer(1); err != nil {
		t.Fatal(err)
	}
	from := newRemote(t, "127.0.0.1")
	for i := range 100 {
		from.send(p.address(0), packet(i, 1200))
	}
	if s := p.Stats(); s.Overflows == 0 {
		t.Errorf("%+v", s)
	}
}
