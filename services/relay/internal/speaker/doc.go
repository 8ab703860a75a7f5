// Package speaker finds who speaks: the loudest of several microphones by the levels that their packets carry
// (RFC 6464), calm enough that pictures and sound can follow.
//
// A Microphone smooths the levels of one source. A Chooser gives a few places to the loudest: who speaks takes a free
// place at once, and one that is held only by being clearly louder for a while; who falls silent keeps the place
// through a pause between sentences. Equally loud microphones never take turns.
//
// Pure: times are handed in, nothing allocates per packet. A Microphone has one writer and any number of readers; a
// Chooser is not safe for concurrent use.
package speaker

import "time"

const (
	quietest = 127 // of a level in -dBov: digital silence

	// audible is how many dB above digital silence somebody speaks: -50 dBov.
	audible = quietest - 50
	// margin is how many dB louder than a holder somebody must be to take the place,
	margin = 6
	// for so long,
	attack = 300 * time.Millisecond
	// and the holder has had the place at least this long.
	hold = time.Second
	// release is how long somebody keeps the place in silence.
	release = 2 * time.Second

	// How quickly the smoothed loudness follows a rising and a falling level.
	rising  = 20 * time.Millisecond
	falling = 300 * time.Millisecond
	// absent is how long no packet means silence: one may be lost, but a sender with discontinuous transmission sends
	// nothing for 400 ms while nobody speaks.
	absent = 200 * time.Millisecond
)
