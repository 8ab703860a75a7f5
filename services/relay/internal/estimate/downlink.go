// Package estimate guesses how much a subscriber's downlink carries, from what its receiver tells.
//
// It is deliberately simple and stands behind one method, Budget: a rule of additive-increase,
// multiplicative-decrease kind over the loss fraction of receiver reports, and REMB where a receiver sends it.
// A sender-side estimator over transport-wide feedback will take its place.
//
// Pure: times are handed in. Not safe for concurrent use; it belongs to one connection.
package estimate

import "time"

// Params of a Downlink. Zero fields take the defaults named at each.
type Params struct {
	Start   int // bits per second at the beginning: 2,000,000
	Floor   int // never below: 150,000
	Ceiling int // never above: 20,000,000
}

// Downlink estimates one connection.
type Downlink struct{}

// New begins at Params.Start.
func New(p Params) *Downlink { return &Downlink{} }

// Budget is how many bits per second may be sent now.
func (d *Downlink) Budget() int { return 0 }

// Report takes the loss fraction (0..1) of a receiver report: above 10 % the budget falls by half of what was
// really sent (or of itself, if less), at most every 400 ms; below 2 % it rises by 8 % per second.
// sent is the bitrate sent lately; 0 when not known.
func (d *Downlink) Report(now time.Time, loss float64, sent int) {}

// REMB takes a receiver's own estimate. It limits the budget when it is below what is being sent: a receiver that
// gets little cannot know how much more would fit.
func (d *Downlink) REMB(now time.Time, bitrate, sent int) {}

// RoundTrip is the round-trip time of a reception report (RFC 3550 section 6.4.1): arrival and lastSenderReport
// are the middle 32 bits of NTP times, delay is in 1/65536 s. ok is false when the report answers none of our
// sender reports or the clock went backwards.
func RoundTrip(arrival, lastSenderReport, delay uint32) (rtt time.Duration, ok bool) { return 0, false }
