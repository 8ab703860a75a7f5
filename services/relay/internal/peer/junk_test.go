package peer

import (
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

// junkPerSecond is what the relay must bear without anybody noticing.
const junkPerSecond = 20_000

// junk sends datagrams in turn until stop is called, which returns how many a second it was.
func junk(t testing.TB, r *rig, send func([]byte), datagrams ...[]byte) (stop func() float64) {
	t.Helper()
	var sent atomic.Int64
	done := make(chan struct{})
	var running sync.WaitGroup
	begin := time.Now()
	running.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				for due := int64(now.Sub(begin).Seconds() * junkPerSecond); sent.Load() < due; sent.Add(1) {
					send(datagrams[sent.Load()%int64(len(datagrams))])
				}
			}
		}
	})
	stop = sync.OnceValue(func() float64 {
		close(done)
		running.Wait()
		return float64(sent.Load()) / time.Since(begin).Seconds()
	})
	t.Cleanup(func() { stop() })
	return stop
}

// joins brings so many clients up, one after the other, and returns the median of the times that it took.
func joins(r *rig, n int) time.Duration {
	took := make([]time.Duration, n)
	for i := range took {
		begin := time.Now()
		c := join(r, fmt.Sprintf("joiner%d", i))
		took[i] = time.Since(begin)
		c.leave()
	}
	slices.Sort(took)
	return took[n/2]
}

// hello looks like the first message of a DTLS client.
func hello() []byte {
	return append([]byte{22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 160, 1}, make([]byte, 160)...)
}

func unopenable(ssrc byte) []byte {
	return append([]byte{0x80, vp8Type, 0, 1, 0, 0, 0, 1, 0, 0, 0, ssrc}, make([]byte, 200)...)
}

// bounded fails the test when a join takes long while junk comes: longer than half a second and, on a machine that is
// busy with other things, than ten times of what it takes in quiet.
func bounded(t *testing.T, quiet, under time.Duration) {
	t.Helper()
	if under > max(500*time.Millisecond, 10*quiet) {
		t.Errorf("a join took %v under junk, %v without", under, quiet)
	}
}

func TestJunk_FromOtherAddressesDoesNotStopAJoin(t *testing.T) {
	r := newRig(t)
	quiet := joins(r, 10)
	other := newClient(r, "somebody") // whose name is known to the attacker, but not its password
	conn, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", r.ports.Port()))
	must(t, err)
	defer conn.Close() //nolint:errcheck // nothing was written that matters
	stop := junk(t, r, func(data []byte) { _, _ = conn.Write(data) },
		other.binding("wrong password"), hello(), unopenable(1), []byte{1}, make([]byte, 1400))
	under := joins(r, 20)
	rate := stop()
	t.Logf("a join takes %v, and %v under %.0f junk datagrams a second", quiet, under, rate)
	bounded(t, quiet, under)
	if rate < junkPerSecond/4 {
		t.Logf("the machine is too busy for more than %.0f a second", rate)
	}
}

func TestJunk_OfAParticipantHarmsNobodyElse(t *testing.T) {
	r := newRig(t)
	quiet := joins(r, 5)
	teacher, viewer, hostile := join(r, "teacher"), join(r, "viewer"), join(r, "hostile")
	s := microphone()
	teacher.heardBy(viewer, s)
	flooded := camera("f")
	var sealed [][]byte
	for range 4_000 {
		sealed = append(sealed, hostile.seal(flooded, frame(1)))
	}
	sealed = append(sealed, hostile.binding("wrong"), hostile.binding(hostile.peer.credentials.Password), hello(), unopenable(1))
	stop := junk(t, r, hostile.current.Load().send, sealed...)
	sent, before := 0, len(viewer.got(viewer.audio0()))
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 200 {
		<-tick.C // the pace of sound
		teacher.send(s, []byte("sound"))
		sent++
	}
	under := joins(r, 5)
	rate := stop()
	testkit.Eventually(t, func() bool { return len(viewer.got(viewer.audio0()))-before >= sent }, "all sound arrives")
	testkit.Eventually(t, func() bool { return r.refusals("hostile") > 0 }, "the flood is counted")
	t.Logf("a join takes %v, and %v beside a participant that sends %.0f datagrams a second", quiet, under, rate)
	bounded(t, quiet, under)
}
