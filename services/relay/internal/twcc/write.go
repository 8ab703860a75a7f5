package twcc

import "encoding/binary"

const (
	// Symbols in a status vector of one bit and of two bits each, and the most that a run may count (section 3.1.4).
	oneBit = 14
	twoBit = 7
	maxRun = 1<<13 - 1

	paddingFlag = 1 << 5
)

func put16(b []byte, v uint16) { binary.BigEndian.PutUint16(b, v) }
func put32(b []byte, v uint32) { binary.BigEndian.PutUint32(b, v) }

// appendHeader appends what stands before the chunks, with room for what is known later.
func appendHeader(out []byte, sender, media uint32) []byte {
	var h [headerSize]byte
	h[0], h[1] = version<<6|format, payloadType
	put32(h[4:], sender)
	put32(h[8:], media)
	return append(out, h[:]...)
}

// appendChunks appends the statuses in the chunks that hold most of them.
func appendChunks(out []byte, symbols []symbol) []byte {
	for len(symbols) > 0 {
		run, small := lead(symbols)
		var chunk uint16
		var n int
		switch {
		case run >= oneBit || run == len(symbols):
			n = min(run, maxRun)
			chunk = uint16(symbols[0])<<13 | uint16(n)
		case small:
			n = min(oneBit, len(symbols))
			chunk = 1<<15 | vector(symbols[:n], oneBit, 1)
		case run >= twoBit:
			n = run
			chunk = uint16(symbols[0])<<13 | uint16(n)
		default:
			n = min(twoBit, len(symbols))
			chunk = 1<<15 | 1<<14 | vector(symbols[:n], twoBit, 2)
		}
		out = append(out, byte(chunk>>8), byte(chunk))
		symbols = symbols[n:]
	}
	return out
}

// lead is how often the first symbol repeats, and whether one bit is enough for the next fourteen.
func lead(symbols []symbol) (run int, small bool) {
	for run < len(symbols) && symbols[run] == symbols[0] {
		run++
	}
	for _, s := range symbols[:min(oneBit, len(symbols))] {
		if s == long {
			return run, false
		}
	}
	return run, true
}

// vector packs symbols of so many bits from the left of a chunk that has room for capacity.
func vector(symbols []symbol, capacity, bits int) (v uint16) {
	for i, s := range symbols {
		v |= uint16(s) << ((capacity - 1 - i) * bits)
	}
	return v
}

// pad fills the packet at start to whole words and writes its length (RFC 3550 section 6.4.1).
func pad(out []byte, start int) []byte {
	if missing := -(len(out) - start) & 3; missing > 0 {
		out[start] |= paddingFlag
		out = append(out, 0, 0, 0)[:len(out)+missing]
		out[len(out)-1] = byte(missing)
	}
	put16(out[start+2:], uint16((len(out)-start)/4-1))
	return out
}
