package police_test

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/police"
)

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func TestBucket_LetsTheRatePassForEverAndTheBurstOnce(t *testing.T) {
	b := police.NewBucket(100, 300)
	passed := 0
	for n := range 10_000 { // 1,000 a second for 10 s
		if b.Take(epoch.Add(time.Duration(n)*time.Millisecond), 1) {
			passed++
		}
	}
	if passed < 1_290 || passed > 1_300 {
		t.Errorf("%d of 10,000 passed, want 300 and 100 for each of 10 s", passed)
	}
}

func TestBucket_NeverHoldsMoreThanItsBurst(t *testing.T) {
	b := police.NewBucket(100, 50)
	b.Take(epoch, 50)
	later := epoch.Add(time.Hour)
	if !b.Take(later, 50) || b.Take(later, 1) {
		t.Error("an hour of rest is worth more or less than one burst")
	}
	if !b.Empty(later) || b.Empty(later.Add(10*time.Millisecond)) {
		t.Error("empty when it is not, or full when it is empty")
	}
}

func TestBucket_TimesThatGoBackwardsGiveNothing(t *testing.T) {
	b := police.NewBucket(10, 10)
	b.Take(epoch, 10)
	for n := range 1_000 {
		if b.Take(epoch.Add(-time.Duration(n)*time.Second), 1) {
			t.Fatal("tokens out of the past")
		}
	}
	if !b.Take(epoch.Add(100*time.Millisecond), 1) {
		t.Error("nothing after a step backwards")
	}
}

func TestBucket_TheZeroBucketLetsNothingPass(t *testing.T) {
	var b police.Bucket
	if b.Take(epoch, 1) || b.Take(epoch.Add(time.Hour), 1) {
		t.Error("something passed")
	}
}
