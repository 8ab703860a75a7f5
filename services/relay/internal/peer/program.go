package peer

import (
	"slices"

	"github.com/tongke-edu/tongke/services/relay/internal/answer"
)

// only is the one source that sends a payload type; -1 where none or several do, and for one in layers. Encoders need
// not name the section of a packet when its payload type tells (RFC 9143 section 9.2).
func (r *reading) only(payloadType uint8) int {
	sends := func(s answer.Source) bool {
		_, ok := s.Codecs[payloadType]
		return ok
	}
	i := slices.IndexFunc(r.agreed.Sources, sends)
	if i < 0 || len(r.agreed.Sources[i].RIDs) > 0 || slices.ContainsFunc(r.agreed.Sources[i+1:], sends) {
		return -1
	}
	return i
}
