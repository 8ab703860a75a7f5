// Package twcc speaks transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): which packets of
// one connection came, and when.
//
// A Recorder notes arrivals by their transport-wide sequence number and writes the feedback packets; Parse reads those
// of the other side. What follows from them for the bitrate is package estimate's.
//
// Pure: times are handed in, nothing allocates. Not safe for concurrent use; both ends belong to one connection.
package twcc

import "time"

const (
	// tick is the unit of arrival times, and ticksPerReference how many of them the reference time counts in.
	tick              = 250 * time.Microsecond
	ticksPerReference = 256 // 64 ms

	// Octets of a feedback packet (section 3.1): up to the chunks, of each chunk, of a short and of a long delta.
	headerSize = 20
	chunkSize  = 2
	shortDelta = 1
	longDelta  = 2

	version     = 2
	payloadType = 205 // transport layer feedback (RFC 4585)
	format      = 15
)

// Ticks is an arrival time on the receiver's clock in units of 250 us. It wraps every 12 days, as the reference time
// of a feedback packet does: only differences mean something.
type Ticks uint32

// Sub is the time from u to t, across the wrap.
func (t Ticks) Sub(u Ticks) time.Duration { return time.Duration(int32(t-u)) * tick }

// symbol says in a chunk what became of a packet.
type symbol uint8

const (
	absent symbol = iota // not received
	short                // received, a delta of one octet follows: 0 to 63.75 ms
	long                 // received, a signed delta of two octets follows
	reserved
)
