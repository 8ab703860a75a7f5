package munge

// NAL unit types (RFC 6184 section 5.2 and ITU-T H.264 table 7-1).
const (
	nalIDR   = 5
	nalSPS   = 7
	nalSTAPA = 24
	nalFUA   = 28
)

// describeH264 finds the first packet of a keyframe: one that opens with a sequence parameter set, alone or
// first in an aggregation (STAP-A), or with the start of an IDR slice when a sender repeats no parameter sets.
// H264 shows frame starts only by a changed timestamp, so Start is set for keyframes alone.
func describeH264(p []byte) Description {
	if len(p) < 2 {
		return Description{}
	}
	var d Description
	switch p[0] & 0x1f {
	case nalSPS:
		d.Keyframe = true
		d.Width, d.Height = spsSize(p)
	case nalSTAPA:
		if first := firstAggregated(p); len(first) > 0 && first[0]&0x1f == nalSPS {
			d.Keyframe = true
			d.Width, d.Height = spsSize(first)
		}
	}
	d.Start = d.Keyframe
	return d
}

// firstAggregated is the first NAL unit of a STAP-A; nil when the payload ends inside it.
func firstAggregated(p []byte) []byte {
	if len(p) < 3 {
		return nil
	}
	size := int(p[1])<<8 | int(p[2])
	if size == 0 || len(p) < 3+size {
		return nil
	}
	return p[3 : 3+size]
}
