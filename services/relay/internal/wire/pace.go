package wire

import "time"

const (
	// restTime is how long a busy reader leaves its socket alone between two reads. A camera's packets come within a
	// few milliseconds of each other, and those that are read together leave together: one wake-up, and one message for
	// each viewer. A fifth of a frame is what it may cost.
	restTime = 2 * time.Millisecond
	// A reader is busy when it has sent or received so many datagrams in the last window.
	restWindow   = 100 * time.Millisecond
	restSent     = 300
	restReceived = 50
)

// pace decides whether a reader waits for more before it reads again. With few viewers nothing would be gained.
type pace struct {
	sent     uint64 // datagrams of the Batch until the window began
	received int    // since then
	began    time.Time
	busy     bool // as the last window was
	flooded  bool // the last read brought half of what a read can: more is waiting
}

// rest waits, if the reader is busy and has not more to do than it can afford to leave: a flood of junk would fill the
// socket meanwhile and push out what is none.
func (p *pace) rest() {
	if p.busy && !p.flooded {
		time.Sleep(restTime)
	}
}

// worked notes what was received, and what has been sent until now.
func (p *pace) worked(received int, out *Batch) {
	p.received += received
	p.flooded = received >= maxMessages/2
	lasted := out.now.Sub(p.began)
	if lasted < restWindow {
		return
	}
	p.busy = lasted < 2*restWindow && (out.sent()-p.sent >= restSent || p.received >= restReceived)
	p.sent, p.received, p.began = out.sent(), 0, out.now
}
