package munge

// fieldReader reads a header bit by bit. Past the end it reads zeros and sets failed.
type fieldReader struct {
	data   []byte
	at     int // next bit
	failed bool
}

// take reads n bits, at most 32, as an unsigned number.
func (b *fieldReader) take(n int) (value uint32) {
	for range n {
		value = value<<1 | b.one()
	}
	return value
}

// flag reads one bit as a truth.
func (b *fieldReader) flag() bool { return b.one() == 1 }

func (b *fieldReader) one() uint32 {
	if b.at>>3 >= len(b.data) {
		b.failed = true
		return 0
	}
	bit := b.data[b.at>>3] >> (7 - b.at&7) & 1
	b.at++
	return uint32(bit)
}
