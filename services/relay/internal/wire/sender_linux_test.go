package wire

import (
	"bytes"
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cutting skips a test where the kernel cuts no messages.
func cutting(t *testing.T, p *Ports) {
	t.Helper()
	if !p.sockets.udp[0][0].segments.Load() {
		t.Skip("no UDP_SEGMENT here")
	}
}

func TestBatch_MergesConsecutivePacketsOfEqualSize(t *testing.T) {
	for name, test := range map[string]struct {
		sizes    []int
		messages uint64
	}{
		"one":                      {[]int{1200}, 1},
		"equal":                    {[]int{1200, 1200, 1200, 1200, 1200}, 1},
		"shorter last":             {[]int{1200, 1200, 300}, 1},
		"equal behind the shorter": {[]int{1200, 300, 300}, 2},
		"longer":                   {[]int{300, 1200, 1200}, 2},
		"falling":                  {[]int{900, 800, 700, 600}, 2},
		"no more than 64 segments": {make([]int, 65), 2},
		"no more than 65,000 B":    {[]int{44: 0}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, Params{})
			cutting(t, p)
			to := newRemote(t, "127.0.0.1")
			b := p.Batch()
			for i, n := range test.sizes {
				if n == 0 {
					n = map[bool]int{true: 100, false: 1450}[len(test.sizes) == 65]
					test.sizes[i] = n
				}
				put(t, b, to.path(p), packet(i, n))
			}
			p.Return(b)
			for i, n := range test.sizes {
				if got := to.receive(); !bytes.Equal(got, packet(i, n)) {
					t.Fatalf("packet %d: %d bytes, want %d", i, len(got), n)
				}
			}
			if s := p.Stats(); s.Messages != test.messages || s.Packets != uint64(len(test.sizes)) || s.Syscalls != 1 {
				t.Errorf("%+v, want %d messages", s, test.messages)
			}
		})
	}
}

func TestBatch_KeepsDestinationsApart(t *testing.T) {
	p := open(t, Params{})
	cutting(t, p)
	a, z := newRemote(t, "127.0.0.1"), newRemote(t, "127.0.0.1")
	b := p.Batch()
	for _, to := range []remote{a, a, z, z, a} {
		put(t, b, to.path(p), packet(1, 500))
	}
	p.Return(b)
	for _, from := range []remote{a, a, z, z, a} {
		from.receive()
	}
	if s := p.Stats(); s.Messages != 3 || s.Syscalls != 1 {
		t.Errorf("%+v, want 3 messages in 1 call", s)
	}
}

// A socket without checksums cannot have its messages cut: the kernel answers EINVAL.
func TestBatch_SendsOneByOneWhereAMessageCannotBeCut(t *testing.T) {
	p := open(t, Params{Shards: 1})
	cutting(t, p)
	if err := setOption(p.sockets.udp[0][0].raw, unix.SO_NO_CHECK); err != nil {
		t.Fatal(err)
	}
	a, z := newRemote(t, "127.0.0.1"), newRemote(t, "127.0.0.1")
	b := p.Batch()
	for i := range 5 {
		put(t, b, a.path(p), packet(i, 1000-100*(i/4)))
	}
	put(t, b, z.path(p), packet(9, 80))
	p.Return(b)
	for i := range 5 {
		if got := a.receive(); !bytes.Equal(got, packet(i, 1000-100*(i/4))) {
			t.Fatalf("packet %d is wrong", i)
		}
	}
	if got := z.receive(); !bytes.Equal(got, packet(9, 80)) {
		t.Error("the other destination's packet is wrong")
	}
	if s := p.Stats(); s.Packets != 6 || s.Errors != 0 {
		t.Errorf("%+v", s)
	}
}

// kernel stands in for the system where its refusals cannot be had from loopback.
type kernel struct {
	real system
	// answers are given before the real kernel is asked, one per call.
	answers  []syscall.Errno
	writable bool
	waits    int
}

func (k *kernel) install(p *Ports) {
	k.real = newSystem()
	for _, s := range p.sockets.udp[0] {
		s.system = system{send: k.send, writable: k.wait}
	}
}

func (k *kernel) send(fd uintptr, messages []mmsghdr) (int, syscall.Errno) {
	if len(k.answers) == 0 {
		return k.real.send(fd, messages)
	}
	errno := k.answers[0]
	k.answers = k.answers[1:]
	return -1, errno
}

func (k *kernel) wait(uintptr, time.Duration) bool {
	k.waits++
	return k.writable
}

func TestBatch_StopsMergingOnADeviceThatCannotCut(t *testing.T) {
	p := open(t, Params{Shards: 1})
	cutting(t, p)
	(&kernel{answers: []syscall.Errno{unix.EIO}}).install(p)
	to := newRemote(t, "127.0.0.1")
	b := p.Batch()
	for range 2 {
		for i := range 5 {
			put(t, b, to.path(p), packet(i, 700))
		}
		b.Flush()
	}
	p.Return(b)
	for i := range 10 {
		if got := to.receive(); !bytes.Equal(got, packet(i%5, 700)) {
			t.Fatalf("packet %d is wrong", i)
		}
	}
	if s := p.Stats(); s.Messages != 1+5 || s.Packets != 10 || s.Errors != 0 {
		t.Errorf("%+v, want 1 merged message, then 5 single ones", s)
	}
}

func TestBatch_WaitsForAFullSocket(t *testing.T) {
	p := open(t, Params{Shards: 1})
	k := &kernel{answers: []syscall.Errno{unix.EINTR, unix.EAGAIN, unix.EAGAIN}, writable: true}
	k.install(p)
	to := newRemote(t, "127.0.0.1")
	b := p.Batch()
	put(t, b, to.path(p), packet(1, 700))
	p.Return(b)
	if got := to.receive(); !bytes.Equal(got, packet(1, 700)) {
		t.Error("wrong packet")
	}
	if s := p.Stats(); k.waits != 2 || s.Packets != 1 || s.Drops != 0 {
		t.Errorf("%d waits, %+v", k.waits, s)
	}
}

func TestBatch_DropsAndCountsWhenTheSocketStaysFull(t *testing.T) {
	p := open(t, Params{Shards: 1})
	k := &kernel{answers: []syscall.Errno{unix.EAGAIN}}
	k.install(p)
	a, z := newRemote(t, "127.0.0.1"), newRemote(t, "127.0.0.1")
	b := p.Batch()
	for i := range 3 {
		put(t, b, a.path(p), packet(i, 700))
	}
	put(t, b, z.path(p), packet(4, 700))
	if err := b.flush(); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("flush: %v", err)
	}
	if s := p.Stats(); k.waits != 1 || s.Packets != 0 || s.Drops != 4 {
		t.Errorf("%d waits, %+v", k.waits, s)
	}
	put(t, b, z.path(p), packet(5, 700))
	p.Return(b)
	if got := z.receive(); !bytes.Equal(got, packet(5, 700)) {
		t.Error("the packet after the drop is wrong")
	}
}

// A stream socket whose other end does not read is the simplest thing that is really full.
func TestWritable_WaitsNoLongerThanTold(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = unix.Close(pair[0]), unix.Close(pair[1]) }()
	for {
		if _, err := unix.Write(pair[0], make([]byte, 64<<10)); err == unix.EAGAIN {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	if writable(uintptr(pair[0]), 5*time.Millisecond) {
		t.Error("a full socket is called writable")
	}
	if took := time.Since(start); took < 4*time.Millisecond {
		t.Errorf("waited %v", took)
	}
	var drained atomic.Int64
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, err := unix.Read(pair[1], buffer)
			if err != nil && err != unix.EINTR {
				return
			}
			drained.Add(int64(n))
		}
	}()
	if !writable(uintptr(pair[0]), patience) {
		t.Errorf("not writable after %d bytes were taken", drained.Load())
	}
}

func TestBlamesCutting(t *testing.T) {
	for errno, want := range map[syscall.Errno]bool{
		unix.EIO: true, unix.EINVAL: true, unix.EMSGSIZE: true, unix.ENOPROTOOPT: true, unix.EOPNOTSUPP: true,
		unix.EPERM: false, unix.ENETUNREACH: false, unix.ENOBUFS: false,
	} {
		if blamesCutting(errno) != want {
			t.Errorf("%v: %v", errno, !want)
		}
	}
}
