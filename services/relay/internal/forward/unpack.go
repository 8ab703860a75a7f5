package forward

import (
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/red"
)

// mostRepeated is how many older frames of a packet are looked at, newest first; browsers send one or two.
const mostRepeated = 8

// unpack takes a packet of several frames apart (RFC 2198): the newest, which is the packet's own, and before it older
// ones, whose packets may be missing. The caller holds reading.
func (l *Layer) unpack(payload []byte, size int, now time.Time, to *run) {
	blocks, err := red.Parse(payload)
	if err != nil {
		return
	}
	seq, timestamp, marker, overhead := l.header.SequenceNumber, l.header.Timestamp, l.header.Marker, size-len(payload)
	own := blocks.Primary()
	if own.PayloadType != l.track.PayloadType {
		return
	}
	var older [mostRepeated]red.Block
	for n := adjoining(&older, blocks); n > 0; n-- {
		b := &older[n-1]
		l.accept(&arrival{seq - uint16(n), timestamp - b.Offset, false, b.Payload, overhead + len(b.Payload), true}, now, to)
	}
	l.accept(&arrival{seq, timestamp, marker, own.Payload, overhead + len(own.Payload), false}, now, to)
}

// adjoining finds the frames that lie one behind the other up to the packet's own, newest first. A block says when its
// frame was, not which number its packet had. But where frames adjoin there is no room for a packet between them, so that
// each has the number before the next; across a pause of discontinuous transmission, or where frames change their length,
// nobody knows.
func adjoining(found *[mostRepeated]red.Block, blocks red.Blocks) (n int) {
	own := blocks.Primary()
	span, ok := red.Samples(own.Payload)
	if !ok {
		return 0
	}
	var all [mostRepeated]red.Block
	count := 0
	for b, ok := blocks.Next(); ok && !b.Primary; b, ok = blocks.Next() {
		all[count%mostRepeated] = b
		count++
	}
	for n < min(count, mostRepeated) {
		b := all[(count-1-n)%mostRepeated]
		length, ok := red.Samples(b.Payload)
		if !ok || length != span || b.Offset != uint32(n+1)*span || b.PayloadType != own.PayloadType {
			break
		}
		found[n] = b
		n++
	}
	return n
}
