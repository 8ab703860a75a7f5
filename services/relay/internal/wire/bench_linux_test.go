package wire

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// cpu is the processor time of this process in nanoseconds: it holds on a busy machine, where ns/op does not.
func cpu() int64 {
	var usage unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// BenchmarkSend tells what a sent packet costs, its delivery to a full loopback socket included.
func BenchmarkSend(b *testing.B) {
	for _, bench := range []struct{ destinations, each int }{{1, 1}, {1, 5}, {50, 1}, {50, 5}} {
		name := fmt.Sprintf("destinations=%d/packets=%d", bench.destinations, bench.each)
		b.Run("batch/"+name, func(b *testing.B) {
			measure(b, bench.destinations, bench.each, func(_ *Ports, out *Batch, to Path, data []byte) {
				copy(out.Reserve(to, len(data)), data)
			})
		})
		b.Run("single/"+name, func(b *testing.B) {
			measure(b, bench.destinations, bench.each, func(p *Ports, _ *Batch, to Path, data []byte) {
				_ = p.Send(to, data)
			})
		})
	}
}

func measure(b *testing.B, destinations, each int, send func(*Ports, *Batch, Path, []byte)) {
	p := open(b, Params{Shards: 1})
	paths := make([]Path, destinations)
	for i := range paths {
		r := newRemote(b, "127.0.0.1")
		_ = r.conn.SetReadBuffer(1)
		paths[i] = r.path(p)
	}
	out, data := p.Batch(), packet(1, 1200)
	b.ReportAllocs()
	begin := cpu()
	for b.Loop() {
		for _, to := range paths {
			for range each {
				send(p, out, to, data)
			}
		}
		out.Flush()
	}
	packets := float64(b.N * destinations * each)
	b.ReportMetric(float64(cpu()-begin)/packets, "cpu-ns/packet")
	b.ReportMetric(float64(p.Stats().Syscalls)/packets, "syscalls/packet")
}

// BenchmarkEcho is a datagram's way through: read, handled and sent back, 50 at a time.
func BenchmarkEcho(b *testing.B) {
	p := open(b, Params{Shards: 1})
	in, out := newReader(p.sockets.udp[0][0]), newBatch(p, 0)
	from, data := newRemote(b, "127.0.0.1"), packet(1, 1200)
	_ = from.conn.SetReadBuffer(1)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		for range 50 {
			from.send(p.address(0), data)
		}
		b.StartTimer()
		for got := 0; got < 50; {
			datagrams, err := in.read()
			if err != nil {
				b.Fatal(err)
			}
			got += len(datagrams)
			for _, d := range datagrams {
				copy(out.Reserve(d.From, len(d.Data)), d.Data)
			}
		}
		out.Flush()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(50*b.N), "ns/packet")
}
