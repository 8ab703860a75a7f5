package munge

// Newer reports whether sequence number a comes after b, counting across the wrap (RFC 3550 appendix A.1,
// RFC 1982). Numbers exactly half the circle apart count as not newer.
func Newer(a, b uint16) bool { return int16(a-b) > 0 }

// NewerTimestamp is Newer for RTP timestamps.
func NewerTimestamp(a, b uint32) bool { return int32(a-b) > 0 }

// Extend gives seq the cycle that brings it nearest to reference, an extended number (cycles in the upper
// bits, the sequence number in the lower 16). Reference must be at least 1<<16, so that numbers before the
// first one still have room below.
func Extend(seq uint16, reference uint64) uint64 {
	return reference + uint64(int64(int16(seq-uint16(reference))))
}

// firstCycle is the cycle that counting begins in: packets from before the first one stay positive.
const firstCycle = 1 << 16
