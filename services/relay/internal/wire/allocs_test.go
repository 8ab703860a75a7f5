package wire

import (
	"io"
	"testing"
)

func TestDatagrams_AllocateNothingInSteadyState(t *testing.T) {
	p := open(t, Params{Shards: 1})
	r, b := newReader(p.sockets.udp[0][0]), newBatch(p, 0)
	from, refused := newRemote(t, "127.0.0.1"), refusing(p)
	data := packet(1, 1200)
	allocs := testing.AllocsPerRun(500, func() {
		for range 4 {
			from.send(p.address(0), data)
		}
		for got := 0; got < 4; {
			in, err := r.read()
			if err != nil {
				t.Fatal(err)
			}
			got += len(in)
			for _, d := range in {
				copy(b.Reserve(d.From, len(d.Data)), d.Data)
			}
		}
		b.Reserve(refused, 100)
		b.Reserve(refused, 100)
		b.Cancel()
		b.Flush()
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestFrames_AllocateNothingInSteadyState(t *testing.T) {
	handler := newRecorder()
	p := serve(t, Params{}, handler)
	c := dial(t, p)
	c.send([]byte("hello"))
	to := wait(t, handler.arrived, "frame").from
	b, buffer := newBatch(p, 0), make([]byte, frameHeader+1200)
	allocs := testing.AllocsPerRun(500, func() {
		for i := range 4 {
			b.Reserve(to, 1200)[0] = byte(i)
		}
		b.Flush()
		for range 4 {
			if _, err := io.ReadFull(c.conn, buffer); err != nil {
				t.Fatal(err)
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for sending", allocs)
	}

	d := deframer{source: &again{raw: frame(packet(1, 1200))}}
	if allocs := testing.AllocsPerRun(500, func() {
		if _, err := d.next(); err != nil {
			t.Fatal(err)
		}
	}); allocs != 0 {
		t.Errorf("%v allocations for receiving", allocs)
	}
}

// again reads the same bytes over and over.
type again struct {
	raw []byte
	at  int
}

func (a *again) Read(p []byte) (int, error) {
	n := copy(p, a.raw[a.at:])
	a.at = (a.at + n) % len(a.raw)
	return n, nil
}
