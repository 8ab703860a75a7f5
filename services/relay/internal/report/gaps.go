package report

// marks is how many of a stream's latest packets are remembered: more than are under way at once, and than a keyframe
// has.
const marks = 256

// gaps knows how many packets of a stream went out up to each of its latest sequence numbers. A number that was never
// sent, because the source's own network lost the packet, is not lost on the way to the subscriber.
type gaps struct {
	marks  [marks]mark
	newest mark
	last   mark // that of the last report; sent is 0 while unknown
}

// mark is a sequence number, and how many packets had been sent when it was the newest, itself included.
type mark struct {
	seq  uint16
	sent uint32
}

// sent notes a packet. One that is late, such as a repair of the source's loss, counts but marks nothing.
func (g *gaps) sent(seq uint16) {
	late := g.newest.sent > 0 && int16(seq-g.newest.seq) <= 0
	g.newest.sent++
	if late {
		return
	}
	g.newest.seq = seq
	g.marks[seq%marks] = g.newest
}

// covered tells, of a report whose highest sequence number is given, how many numbers came since the last one and how
// many of these had not been sent then. ok is false when that is not known.
func (g *gaps) covered(highest uint16) (numbers, missing uint32, ok bool) {
	last, now := g.last, g.marks[highest%marks]
	if now.sent == 0 || now.seq != highest {
		g.last = mark{}
		return 0, 0, false
	}
	g.last = now
	if last.sent == 0 || now.seq == last.seq {
		return 0, 0, false
	}
	numbers = uint32(now.seq - last.seq)
	return numbers, numbers - min(numbers, now.sent-last.sent), true
}
