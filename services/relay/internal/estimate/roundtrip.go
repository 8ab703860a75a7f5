package estimate

import "time"

// longestRoundTrip is the most that is believed: beyond it the report, not the path, is at fault.
const longestRoundTrip = time.Minute

// RoundTrip is the round-trip time of a reception report (RFC 3550 section 6.4.1): arrival and lastSenderReport
// are the middle 32 bits of NTP times (report.NTP.Middle), delay is in 1/65536 s. ok is false when the report
// answers none of our sender reports or its numbers cannot be true.
func RoundTrip(arrival, lastSenderReport, delay uint32) (rtt time.Duration, ok bool) {
	if lastSenderReport == 0 {
		return 0, false
	}
	span := int32(arrival - lastSenderReport - delay)
	rtt = time.Duration(int64(span) * int64(time.Second) / 65536)
	return rtt, span >= 0 && rtt <= longestRoundTrip
}
