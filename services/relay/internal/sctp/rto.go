package sctp

import "time"

const (
	rtoInitial = time.Second
	// rtoMargin is the least that is added to the mean. A peer may keep a SACK back for 200 ms (RFC 9260 section 6.2);
	// a bound on the sum, such as the second that RFC 6298 asks for, would either lie below that or make a lost answer
	// wait as long as the client's media watchdog.
	rtoMargin = 200 * time.Millisecond
	// rtoMax is the longest. Outages of up to half a minute are survived (ICE gives up then), and what was queued has
	// to follow soon after the path is back; RFC 9260 would wait for up to a minute.
	rtoMax = 5 * time.Second
)

// rto is the time after which an unanswered chunk is sent again (RFC 6298).
type rto struct {
	value          time.Duration
	mean, variance time.Duration
}

func (r *rto) init() { *r = rto{value: rtoInitial} }

// measure takes a round trip of a chunk that was sent once.
func (r *rto) measure(trip time.Duration) {
	trip = max(trip, time.Microsecond)
	if r.mean == 0 {
		r.mean, r.variance = trip, trip/2
	} else {
		r.variance += ((r.mean - trip).Abs() - r.variance) / 4
		r.mean += (trip - r.mean) / 8
	}
	r.value = r.measured()
}

// measured is what follows from the round trips alone.
func (r *rto) measured() time.Duration { return min(r.mean+max(4*r.variance, rtoMargin), rtoMax) }

// double backs off.
func (r *rto) double() { r.value = min(2*r.value, rtoMax) }

// relax goes back to what one begins with, at most, once anything is acknowledged. RFC 6298 section 5 would wait for a
// chunk that arrives at its first sending, of which a path that loses much has few: messages would come later and later.
// It does not go back to what was measured: that may be what is too short.
func (r *rto) relax() { r.value = min(r.value, max(r.measured(), rtoInitial)) }
