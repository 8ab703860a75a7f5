package sctp

import (
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	pion "github.com/pion/sctp"
)

// path is one direction of a bad network: it loses, repeats and overtakes.
type path struct {
	mu     sync.Mutex
	random *rand.Rand
	loss   float64 // share of packets; without any, nothing is repeated or overtaken either
	last   time.Time
	to     chan []byte
}

func newPath(seed uint64, loss float64) *path {
	return &path{random: rand.New(rand.NewPCG(seed, 1)), loss: loss, to: make(chan []byte, 10_000)}
}

func (p *path) send(packet []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.random.Float64() < p.loss {
		return
	}
	packet = slices.Clone(packet)
	arrival := time.Now().Add(10 * time.Millisecond)
	if p.loss == 0 {
		if !arrival.After(p.last) {
			arrival = p.last.Add(time.Microsecond)
		}
		p.last = arrival
	} else {
		arrival = arrival.Add(time.Duration(p.random.Int64N(int64(20 * time.Millisecond))))
		if p.random.Float64() < 0.05 {
			time.AfterFunc(50*time.Millisecond, func() { p.to <- packet })
		}
	}
	time.AfterFunc(time.Until(arrival), func() { p.to <- packet })
}

// wire is what pion reads and writes.
type wire struct {
	out, in *path
	closed  chan struct{}
	once    sync.Once
}

func (w *wire) Read(b []byte) (int, error) {
	select {
	case packet := <-w.in.to:
		return copy(b, packet), nil
	case <-w.closed:
		return 0, net.ErrClosed
	}
}

func (w *wire) Write(b []byte) (int, error) { w.out.send(b); return len(b), nil }
func (w *wire) Close() error                { w.once.Do(func() { close(w.closed) }); return nil }

func (*wire) LocalAddr() net.Addr              { return nil }
func (*wire) RemoteAddr() net.Addr             { return nil }
func (*wire) SetDeadline(time.Time) error      { return nil }
func (*wire) SetReadDeadline(time.Time) error  { return nil }
func (*wire) SetWriteDeadline(time.Time) error { return nil }

// host runs an association as the relay does: packets, timer and orders of the test come one after another.
type host struct {
	a       *Association
	in, out *path
	orders  chan func(now time.Time)
	done    chan struct{}
	deliver func(stream uint16, message []byte)
}

func (h *host) run() {
	for {
		var expired <-chan time.Time
		if deadline := h.a.Deadline(); !deadline.IsZero() {
			expired = time.After(time.Until(deadline))
		}
		select {
		case packet := <-h.in.to:
			h.a.Receive(time.Now(), packet, h.deliver)
		case order := <-h.orders:
			order(time.Now())
		case <-expired:
			h.a.Expire(time.Now())
		case <-h.done:
			return
		}
		h.a.Emit(time.Now(), h.out.send)
	}
}

// do runs an order on the host's goroutine and waits for it.
func (h *host) do(order func(now time.Time)) {
	finished := make(chan struct{})
	h.orders <- func(now time.Time) { order(now); close(finished) }
	<-finished
}

// send has a message sent, waiting while the queue is full.
func (h *host) send(t testing.TB, stream uint16, message []byte) {
	for {
		var err error
		h.do(func(time.Time) { err = h.a.Send(stream, message) })
		if err == nil {
			return
		}
		if !errors.Is(err, ErrFull) {
			t.Errorf("send: %v", err)
			return
		}
		time.Sleep(20 * time.Millisecond) // the bubble's clock: more room comes with an acknowledgement
	}
}

var testParams = Params{MTU: 1191, MaxMessage: 4 << 10, MaxUnsent: 256 << 10, Streams: 2}

// connect puts an association of ours and one of pion's at the ends of a link. It is to be called in a bubble.
func connect(t *testing.T, loss float64, deliver Deliver) (*host, *pion.Association) {
	t.Helper()
	out, in := newPath(1, loss), newPath(2, loss)
	h := &host{
		a: New(testParams), in: in, out: out, deliver: deliver,
		orders: make(chan func(time.Time)), done: make(chan struct{}),
	}
	go h.run()
	conn := &wire{out: in, in: out, closed: make(chan struct{})}
	theirs, err := pion.ClientWithOptions(
		pion.WithNetConn(conn), pion.WithMTU(1191), pion.WithMaxReceiveBufferSize(64<<10),
		pion.WithLoggerFactory(&logging.DefaultLoggerFactory{}),
	)
	if err != nil {
		t.Fatalf("no association: %v", err)
	}
	t.Cleanup(func() {
		theirs.Close()
		close(h.done)
	})
	return h, theirs
}
