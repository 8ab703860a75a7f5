package munge

import "iter"

// NAL unit types (RFC 6184 section 5.2, ITU-T H.264 table 7-1).
const (
	nalSPS   = 7
	nalSTAPA = 24
)

// describeH264 finds the first packet of a keyframe: a sequence parameter set, alone or in an aggregation
// (STAP-A). An IDR slice without parameter sets is no place to switch, because a decoder that never saw them
// cannot start there. H264 shows other frame starts only by a changed timestamp, so Start is set for keyframes
// alone.
func describeH264(p []byte) Description {
	for unit := range nalUnits(p) {
		if unit[0]&0x1f == nalSPS {
			width, height := spsSize(unit)
			return Description{Keyframe: true, Start: true, Width: width, Height: height}
		}
	}
	return Description{}
}

// nalUnits yields the whole NAL units of a payload, none of them empty: one, or those of a STAP-A up to the
// first that is cut short. A fragment (FU-A) is yielded as one unit of its own type.
func nalUnits(p []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if len(p) == 0 {
			return
		}
		if p[0]&0x1f != nalSTAPA {
			yield(p)
			return
		}
		for rest := p[1:]; len(rest) > 2; {
			size := int(rest[0])<<8 | int(rest[1])
			if size == 0 || len(rest) < 2+size || !yield(rest[2:2+size]) {
				return
			}
			rest = rest[2+size:]
		}
	}
}
