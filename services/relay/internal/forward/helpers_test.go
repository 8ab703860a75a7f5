package forward_test

import (
	"testing"

	"github.com/tongke-edu/tongke/pkg/fault"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// expectRefusal checks that a join is refused for now.
func expectRefusal(t testing.TB, err error) {
	t.Helper()
	if fault.ReasonOf(err) != fault.ResourceExhausted || fault.From(err).RetryAfter() <= 0 {
		t.Errorf("not refused for now: %v", err)
	}
}
