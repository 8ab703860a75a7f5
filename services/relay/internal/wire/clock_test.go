package wire

import (
	"testing"
	"time"
)

func TestReceived_BelievesOnlyStampsOfTheRecentPast(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct {
		stamp int64
		want  time.Duration
	}{
		"none":         {0, 0},
		"waited":       {now.Add(-3 * time.Millisecond).UnixNano(), -3 * time.Millisecond},
		"future":       {now.Add(time.Second).UnixNano(), 0},
		"clock turned": {now.Add(-time.Hour).UnixNano(), 0},
	} {
		if got := received(now, test.stamp).Sub(now); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
