//go:build unix

package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// processorTime is what this process has used since its start, in all threads, in user and kernel.
func processorTime() time.Duration {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil { // it cannot fail for oneself
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
