package speaker

import (
	"sync/atomic"
	"time"
)

// Level reads the extension ssrc-audio-level (RFC 6464 section 3): -dBov, 0 the loudest and 127 silence. The flag for
// voice is not used: not every sender knows, and one that does not leaves it unset.
func Level(extension []byte) (level uint8, ok bool) {
	if len(extension) == 0 {
		return quietest, false
	}
	return extension[0] & 0x7f, true
}

// Microphone follows one source. The zero value is a silent one.
type Microphone struct {
	// state is the time of the newest packet in milliseconds, and below it 16 bits of the loudness then in 1/256 dB.
	state atomic.Uint64
}

const (
	fraction = 256
	bits     = 16
)

// Heard takes the level of a packet. Packets that come out of order count by the time of their arrival.
func (m *Microphone) Heard(level uint8, at time.Time) {
	loudness := int64(quietest-min(level, quietest)) * fraction
	before, last := m.load()
	now := at.UnixMilli()
	since := time.Duration(max(now-last, 0)) * time.Millisecond
	if last == 0 || since > absent {
		before, since = 0, max(rising/2, 1) // a word begins
	}
	follows := int64(rising)
	if loudness < before {
		follows = int64(falling)
	}
	before += (loudness - before) * int64(since) / (int64(since) + follows)
	m.state.Store(uint64(max(now, last))<<bits | uint64(before))
}

func (m *Microphone) load() (loudness, last int64) {
	state := m.state.Load()
	return int64(state & (1<<bits - 1)), int64(state >> bits)
}

// Loudness is the smoothed level in dB above digital silence, 0 to 127; 0 when nothing comes.
func (m *Microphone) Loudness(now time.Time) int {
	loudness, last := m.load()
	if now.UnixMilli()-last > absent.Milliseconds() {
		return 0
	}
	return int(loudness / fraction)
}
