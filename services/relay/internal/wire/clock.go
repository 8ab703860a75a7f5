package wire

import "time"

// maxWait is the longest time that a packet is believed to have waited in a socket; a larger difference is a step of
// the wall clock.
const maxWait = 5 * time.Second

// received turns the kernel's wall-clock stamp, in nanoseconds since 1970, into a time with a monotonic reading, which
// now brings along. Without a stamp (0), or with one that cannot be right, it is now.
func received(now time.Time, stamp int64) time.Time {
	waited := time.Duration(now.UnixNano() - stamp)
	if stamp == 0 || waited < 0 || waited > maxWait {
		return now
	}
	return now.Add(-waited)
}
