package probe

import "fmt"

// repairWindow is how many packets back a missing one may still arrive (a repair takes a round trip or two).
const repairWindow = 512

// Checker follows what one receive slot delivers. A slot carries one stream at a time; each stretch of one stream is
// an episode, within which every packet is expected. It is not safe for concurrent use.
type Checker struct {
	kind    Kind
	episode episode
	counts  Counts
}

// episode is a stretch of packets of one stream.
type episode struct {
	publisher uint64
	stream    uint32
	open      bool
	highest   uint64
	missing   map[uint64]struct{} // below highest, within the repair window
}

// Counts is what a checker has seen.
type Counts struct {
	// Received packets with right content, repetitions left out.
	Received uint64
	// Lost is how many were expected and have not arrived.
	Lost uint64
	// Repeated packets, that had arrived before.
	Repeated uint64
	// Broken packets, whose content was not what was sent.
	Broken uint64
	// Frames that began and ended within an episode; Keyframes among them.
	Frames, Keyframes uint64
}

// Add sums counts.
func (c Counts) Add(o Counts) Counts {
	return Counts{
		Received: c.Received + o.Received, Lost: c.Lost + o.Lost, Repeated: c.Repeated + o.Repeated,
		Broken: c.Broken + o.Broken, Frames: c.Frames + o.Frames, Keyframes: c.Keyframes + o.Keyframes,
	}
}

// LossRatio is the share of expected packets that did not arrive, 0..1.
func (c Counts) LossRatio() float64 {
	if c.Received+c.Lost == 0 {
		return 0
	}
	return float64(c.Lost) / float64(c.Received+c.Lost)
}

func (c Counts) String() string {
	return fmt.Sprintf("%d received, %d lost, %d repeated, %d broken, %d frames (%d keyframes)",
		c.Received, c.Lost, c.Repeated, c.Broken, c.Frames, c.Keyframes)
}

// NewChecker returns a checker of a slot for one kind.
func NewChecker(kind Kind) *Checker { return &Checker{kind: kind} }

// Packet takes the payload of a packet. It returns its mark, and false when the content is broken.
func (c *Checker) Packet(payload []byte) (Mark, bool) {
	read := ReadPicture
	if c.kind == Audio {
		read = ReadSound
	}
	m, err := read(payload)
	if err != nil {
		c.counts.Broken++
		return Mark{}, false
	}
	c.follow(m)
	return m, true
}

// follow fits a packet into its episode.
func (c *Checker) follow(m Mark) {
	e := &c.episode
	if !e.open || e.publisher != m.Publisher || e.stream != m.Stream {
		c.episode = episode{
			publisher: m.Publisher, stream: m.Stream, open: true, highest: m.Counter, missing: map[uint64]struct{}{},
		}
		c.receive(m)
		return
	}
	if m.Counter > e.highest {
		for n := max(e.highest+1, saturatingSub(m.Counter, repairWindow)); n < m.Counter; n++ {
			e.missing[n] = struct{}{}
		}
		c.counts.Lost += m.Counter - e.highest - 1
		e.highest = m.Counter
		delete(e.missing, saturatingSub(m.Counter, repairWindow+1))
		c.receive(m)
		return
	}
	if _, waited := e.missing[m.Counter]; waited {
		delete(e.missing, m.Counter)
		c.counts.Lost--
		c.receive(m)
		return
	}
	c.counts.Repeated++
}

func (c *Checker) receive(m Mark) {
	c.counts.Received++
	if m.LastOfFrame {
		c.counts.Frames++
		if m.Keyframe {
			c.counts.Keyframes++
		}
	}
}

// Break says that the slot changes on purpose: what comes next begins an episode, even of the same stream.
func (c *Checker) Break() { c.episode.open = false }

// Counts returns what was seen so far.
func (c *Checker) Counts() Counts { return c.counts }

func saturatingSub(a, b uint64) uint64 { return a - min(a, b) }
