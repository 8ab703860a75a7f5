package peer

import (
	"runtime"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

// settled waits until the process has no more goroutines than it had.
func settled(t *testing.T, want int) {
	t.Helper()
	testkit.Eventually(t, func() bool { return runtime.NumGoroutine() <= want }, "as many goroutines as before")
}

func TestClose_EndsAllGoroutinesInEveryState(t *testing.T) {
	r := newRig(t)
	visit(r, 2) // what is started once has started
	r.forwarder.CloseLesson("lesson")
	before := runtime.NumGoroutine() - 1 // the lesson's, which is about to end
	for state, prepare := range map[string]func(c *client){
		"before a way is found": func(*client) {},
		"before the handshake":  func(c *client) { c.check(c.open("udp")) },
		"in the handshake": func(c *client) {
			c.check(c.open("udp"))
			c.current.Load().send(hello())
		},
		"connected":          func(c *client) { c.connect() },
		"connected over TCP": func(c *client) { c.check(c.open("tcp")); must(t, c.handshake()) },
	} {
		c := newClient(r, "viewer")
		prepare(c)
		c.peer.Close()
		c.peer.Close() // again does nothing
		c.leave()
		testkit.Eventually(t, func() bool { return r.forwarder.Connections() == 0 }, "the forwarder has let go, closed "+state)
		r.forwarder.CloseLesson("lesson")
		settled(t, before)
	}
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	if len(r.hub.byPath) > 0 || len(r.hub.byUfrag) > 0 {
		t.Errorf("%d ways and %d names are left", len(r.hub.byPath), len(r.hub.byUfrag))
	}
}

func TestPeer_ManyJoinsAndLeavesLeaveNothingBehind(t *testing.T) {
	r := newRig(t)
	begin := time.Now()
	visit(r, 50) // what grows once has grown
	goroutines, heap := runtime.NumGoroutine(), live()
	visit(r, visitors)
	settled(t, goroutines)
	testkit.Eventually(t, func() bool { return live() < heap+2<<20 }, "memory as before")
	t.Logf("%d joins in %v", visitors, time.Since(begin))
}

// visit lets clients come and go, two at a time.
func visit(r *rig, n int) {
	done := make(chan struct{})
	for _, id := range []string{"one", "two"} {
		go func() {
			defer func() { done <- struct{}{} }()
			for range n / 2 {
				c := join(r, id)
				c.send(camera("q"), keyframe(1))
				c.leave()
				testkit.Eventually(r.t, func() bool { return c.peer.context.Err() != nil }, "the relay has noticed")
			}
		}()
	}
	<-done
	<-done
	testkit.Eventually(r.t, func() bool { return r.forwarder.Connections() == 0 }, "all have left")
}

// live is the memory that is in use, in bytes.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
