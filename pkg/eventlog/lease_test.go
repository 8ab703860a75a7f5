package eventlog

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

func leaseHeldByAnotherConflicts(t *testing.T, l Log) {
	mine := acquire(t, l, "a", "me")
	_, err := l.Acquire(t.Context(), "a", "you", shortest)
	wantReason(t, err, fault.Conflict)
	if holder := fault.From(err).Metadata("holder"); holder != "me" {
		t.Errorf("the holder is %q", holder)
	}
	acquire(t, l, "b", "you") // another log
	select {
	case <-mine.Lost():
		t.Error("the lease was lost by an attempt of another")
	default:
	}
}

func sameHolderReclaims(t *testing.T, l Log) {
	first := acquire(t, l, "a", "me")
	second := acquire(t, l, "a", "me")
	if first.Epoch() == 0 || second.Epoch() != first.Epoch()+1 {
		t.Errorf("epochs %d, then %d", first.Epoch(), second.Epoch())
	}
	testkit.Closed(t, first.Lost(), "the loss of the first lease")
	if err := first.Release(t.Context()); err != nil {
		t.Errorf("release a lost lease: %v", err)
	}
	if _, err := l.Acquire(t.Context(), "a", "you", shortest); fault.ReasonOf(err) != fault.Conflict {
		t.Errorf("releasing the lost lease freed the newer one: %v", err)
	}
}

func releasedLeaseIsFree(t *testing.T, l Log) {
	mine := acquire(t, l, "a", "me")
	for range 2 {
		if err := mine.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	yours := acquire(t, l, "a", "you")
	if yours.Epoch() <= mine.Epoch() {
		t.Errorf("epoch %d follows %d", yours.Epoch(), mine.Epoch())
	}
	select {
	case <-mine.Lost():
		t.Error("a released lease says that it was lost")
	default:
	}
}

func leaseRenewsItself(t *testing.T, l Log) {
	mine := acquire(t, l, "a", "me")
	held := time.NewTimer(2500 * time.Millisecond) // more than two lives of a lease that is not renewed
	defer held.Stop()
	select {
	case <-mine.Lost():
		t.Fatal("the lease was lost")
	case <-held.C:
	}
	_, err := l.Acquire(t.Context(), "a", "you", shortest)
	wantReason(t, err, fault.Conflict)
}

func TestStore_LeaseOfAVanishedHolderRunsOut(t *testing.T) {
	testkit.NoLeaks(t)
	s := openStore(t, startEmbedded(t, t.TempDir()))
	gone := acquire(t, s, "a", "gone")
	gone.cancel() // as if its process had died: no renewal, no release
	var next *Lease
	testkit.Eventually(t, func() bool {
		var err error
		next, err = s.Acquire(t.Context(), "a", "next", shortest)
		return err == nil
	}, "the lease ran out")
	releaseAtEnd(t, next)
	if next.Epoch() != gone.Epoch()+1 {
		t.Errorf("epoch %d follows %d", next.Epoch(), gone.Epoch())
	}
}

func TestMemory_LeaseOfAVanishedHolderRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory()
		gone := acquire(t, m, "a", "gone")
		gone.cancel()
		time.Sleep(shortest - time.Millisecond)
		_, err := m.Acquire(t.Context(), "a", "next", shortest)
		wantReason(t, err, fault.Conflict)
		time.Sleep(time.Millisecond)
		acquire(t, m, "a", "next")
	})
}

func TestStore_EpochsGrowAcrossRestartsAndExpiry(t *testing.T) {
	testkit.NoLeaks(t)
	dir := t.TempDir()
	var last uint64
	for range 3 {
		e := startEmbedded(t, dir)
		lease, err := openStore(t, e).Acquire(t.Context(), "a", "me", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if lease.Epoch() != last+1 {
			t.Fatalf("epoch %d follows %d", lease.Epoch(), last)
		}
		last = lease.Epoch()
		lease.cancel() // dies without releasing; the same holder comes back
		<-lease.done
		e.Close()
	}
}

// faltering is a tenure whose storage does not answer.
type faltering struct{ renewals int }

func (f *faltering) renew(ctx context.Context) error {
	f.renewals++
	<-ctx.Done()
	return fault.Wrap(fault.Unavailable, ctx.Err())
}
func (f *faltering) release(context.Context) error { return nil }

func TestLease_IsLostWhenItCouldNotBeRenewedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		l := newLease(1, 3*time.Second, began, &faltering{})
		<-l.Lost()
		if after := time.Since(began); after != 3*time.Second {
			t.Errorf("lost after %v", after)
		}
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func acquire(t *testing.T, l Log, log, holder string) *Lease {
	t.Helper()
	lease, err := l.Acquire(t.Context(), log, holder, shortest)
	if err != nil {
		t.Fatalf("acquire %s for %s: %v", log, holder, err)
	}
	releaseAtEnd(t, lease)
	return lease
}

func releaseAtEnd(t *testing.T, l *Lease) {
	t.Cleanup(func() {
		if err := l.Release(context.Background()); err != nil {
			t.Errorf("release: %v", err)
		}
	})
}
