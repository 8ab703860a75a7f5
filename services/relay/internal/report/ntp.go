package report

import "time"

// NTP is a 64-bit NTP timestamp: seconds since 1900 and 2^-32 fractions (RFC 3550 section 4).
type NTP uint64

const ntpEpoch = 2208988800 // seconds from 1900 to 1970

// ToNTP converts a time.
func ToNTP(t time.Time) NTP {
	seconds := uint64(t.Unix() + ntpEpoch)
	return NTP(seconds<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second))
}

// Time converts back, to about a nanosecond.
func (n NTP) Time() time.Time {
	nanos := (uint64(n) & 0xffffffff) * uint64(time.Second) >> 32
	return time.Unix(int64(n>>32)-ntpEpoch, int64(nanos))
}

// Middle is the middle 32 bits, the compact form of reception reports.
func (n NTP) Middle() uint32 { return uint32(n >> 16) }
