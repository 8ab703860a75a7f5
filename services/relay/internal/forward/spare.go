package forward

import "time"

const (
	// leastRepairs is the share of the budget that repairs may always take, in percent: on a full downlink more of them
	// would keep out what they are for. Where there is more to spare they may take it: of a way that loses 20 %, a fifth
	// of the media rate repairs but 80 % of what is lost, and 4 % of a picture would be missing.
	leastRepairs = 20
	// repairBurst is how long repairs may go without being asked for and then come at once.
	repairBurst = 200 * time.Millisecond
	// fewestRepairs can always come at once, in octets.
	fewestRepairs = 3000
)

// repairs bounds the retransmissions on one connection to what its downlink has to spare. The zero value lets a few
// through.
type repairs struct {
	rate  float64 // bits per second
	left  float64 // octets
	since time.Time
}

// spare says what repairs may take: what is left of the budget, and some of it in any case.
func (r *repairs) spare(budget, used int) {
	r.rate = float64(max(budget-used, budget*leastRepairs/100))
}

// take asks for so many octets.
func (r *repairs) take(now time.Time, octets int) (ok bool) {
	full := max(r.rate/8*repairBurst.Seconds(), fewestRepairs)
	r.left += r.rate / 8 * max(0, now.Sub(r.since).Seconds())
	r.left, r.since = min(r.left, full), now
	if r.left < float64(octets) {
		return false
	}
	r.left -= float64(octets)
	return true
}
