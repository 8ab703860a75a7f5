package probe

import "fmt"

// repairWindow is how many packets back a missing one may still arrive (a repair takes a round trip or two).
const repairWindow = 512

// Checker follows what one receive slot delivers over the life of a connection.
//
// The relay numbers a slot's packets without a gap, whatever it puts into the slot, so a missing RTP sequence number is
// a packet lost on its way. The content has its own numbers: within an episode, which is a stretch of one stream, a
// number that is missing there alone was not sent on, and one that goes back is in the wrong place.
// A Checker is not safe for concurrent use.
type Checker struct {
	kind    Kind
	begun   bool
	highest uint64            // extended sequence number
	missing map[uint64]wanted // by sequence number below highest, within the repair window
	episode episode
	counts  Counts
}

// episode is a stretch of packets of one stream.
type episode struct {
	publisher uint64
	stream    uint32
	open      bool
	counter   uint64 // of the newest packet
}

// wanted is the content that is missing at a place; unknown where padding, a skip or a switch may have been.
type wanted struct {
	known   bool
	stream  uint32
	counter uint64
}

// Counts is what a checker has seen.
type Counts struct {
	// Received packets with right content, repetitions left out.
	Received uint64
	// Lost on the way from the relay, and not repaired so far.
	Lost uint64
	// Skipped is what the relay did not send on within an episode.
	Skipped uint64
	// Repeated packets, that had arrived before.
	Repeated uint64
	// Broken packets, whose content was not what was sent, or stood in the wrong place.
	Broken uint64
	// Frames that were completed; Keyframes among them.
	Frames, Keyframes uint64
}

// Add sums counts.
func (c Counts) Add(o Counts) Counts {
	return Counts{
		Received: c.Received + o.Received, Lost: c.Lost + o.Lost, Skipped: c.Skipped + o.Skipped,
		Repeated: c.Repeated + o.Repeated, Broken: c.Broken + o.Broken,
		Frames: c.Frames + o.Frames, Keyframes: c.Keyframes + o.Keyframes,
	}
}

// LossRatio is the share of expected packets that did not arrive for whatever reason, 0..1.
func (c Counts) LossRatio() float64 {
	absent := c.Lost + c.Skipped
	if c.Received+absent == 0 {
		return 0
	}
	return float64(absent) / float64(c.Received+absent)
}

func (c Counts) String() string {
	return fmt.Sprintf("%d received, %d lost, %d skipped, %d repeated, %d broken, %d frames (%d keyframes)",
		c.Received, c.Lost, c.Skipped, c.Repeated, c.Broken, c.Frames, c.Keyframes)
}

// NewChecker returns a checker of a slot for one kind.
func NewChecker(kind Kind) *Checker { return &Checker{kind: kind, missing: map[uint64]wanted{}} }

// Packet takes a packet's RTP sequence number and payload; an empty payload is padding. It returns the packet's mark,
// and false when it is padding, a repetition or broken.
func (c *Checker) Packet(seq uint16, payload []byte) (Mark, bool) {
	ext := c.extend(seq)
	late, missed := c.missing[ext]
	switch {
	case missed:
		delete(c.missing, ext)
		c.counts.Lost--
	case c.begun && ext <= c.highest:
		c.counts.Repeated++
		return Mark{}, false
	default:
		defer c.advance(ext)
	}
	if len(payload) == 0 {
		return Mark{}, false
	}
	read := ReadPicture
	if c.kind == Audio {
		read = ReadSound
	}
	m, err := read(payload)
	if err != nil || missed && !late.is(m) || !missed && !c.follow(m, ext) {
		c.counts.Broken++
		return Mark{}, false
	}
	c.counts.Received++
	if m.LastOfFrame {
		c.counts.Frames++
		if m.Keyframe {
			c.counts.Keyframes++
		}
	}
	return m, true
}

func (w wanted) is(m Mark) bool { return !w.known || w.stream == m.Stream && w.counter == m.Counter }

// extend counts a sequence number on over its wrap-around (RFC 3550 appendix A.1, without probation).
func (c *Checker) extend(seq uint16) uint64 {
	if !c.begun {
		return 1<<16 + uint64(seq) // room below for packets that come late
	}
	return c.highest + uint64(int64(int16(seq-uint16(c.highest)))) // adding a negative number wraps to less
}

// advance moves on to a sequence number that is ahead of all before.
func (c *Checker) advance(ext uint64) {
	if !c.begun {
		c.begun, c.highest = true, ext
		return
	}
	for n := c.highest + 1; n < ext; n++ {
		if _, noted := c.missing[n]; !noted {
			c.missing[n] = wanted{}
		}
	}
	c.counts.Lost += ext - c.highest - 1
	for n := c.highest; n < ext; n++ {
		delete(c.missing, n-repairWindow)
	}
	c.highest = ext
}

// follow compares the content's numbers with the place of its packet; false when they contradict each other.
func (c *Checker) follow(m Mark, ext uint64) bool {
	e := &c.episode
	if !e.open || e.publisher != m.Publisher || e.stream != m.Stream {
		c.episode = episode{publisher: m.Publisher, stream: m.Stream, open: true, counter: m.Counter}
		return true
	}
	if m.Counter <= e.counter {
		return false
	}
	switch grown, ahead := m.Counter-e.counter, ext-c.highest; {
	case grown == ahead: // what is missing between is known
		for n := uint64(1); n < ahead; n++ {
			c.missing[c.highest+n] = wanted{known: true, stream: m.Stream, counter: e.counter + n}
		}
	case grown > ahead: // less content than places is padding, and right
		c.counts.Skipped += grown - ahead
	}
	e.counter = m.Counter
	return true
}

// Break says that the slot changes on purpose: what comes next begins an episode, even of the same stream.
func (c *Checker) Break() { c.episode.open = false }

// Counts returns what was seen so far.
func (c *Checker) Counts() Counts { return c.counts }
