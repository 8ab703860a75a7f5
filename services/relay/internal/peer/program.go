package peer

import (
	"slices"

	"github.com/pion/dtls/v3"

	"github.com/tongke-edu/tongke/services/relay/internal/answer"
)

// awaitEnd reads from a connection without data channels until the program closes it, or we do.
func awaitEnd(conn *dtls.Conn) {
	buffer := make([]byte, sctpMTU)
	for {
		if _, err := conn.Read(buffer); err != nil {
			return
		}
	}
}

// only is the one source that sends a payload type; -1 where none or several do, and for one in layers. Encoders need not name
// the section of a packet when its payload type tells (RFC 9143 section 9.2).
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
