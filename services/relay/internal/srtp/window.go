package srtp

// window remembers which of the newest packet indexes have been used. Its size is a multiple of 64.
type window struct {
	started bool
	newest  uint64
	seen    []uint64 // bit index%size
}

func newWindow(size int) *window { return &window{seen: make([]uint64, size/64)} }

// extend returns the index that a 16-bit number stands for: the one nearest to the newest (RFC 3711 section 3.3.1),
// the number itself at the beginning. It reports false for numbers from before the beginning.
func (w *window) extend(seq uint16) (index uint64, ok bool) {
	if !w.started {
		return uint64(seq), true
	}
	moved := int64(w.newest) + int64(int16(seq-uint16(w.newest)))
	return uint64(moved), moved >= 0
}

// fresh reports whether an index can be known not to have been used.
func (w *window) fresh(index uint64) bool {
	switch {
	case !w.started || index > w.newest:
		return true
	case w.newest-index >= w.size():
		return false
	}
	word, bit := w.place(index)
	return w.seen[word]&bit == 0
}

// use notes a fresh index.
func (w *window) use(index uint64) {
	switch {
	case !w.started:
		w.started, w.newest = true, index
	case index > w.newest:
		w.forget(w.newest+1, index)
		w.newest = index
	}
	word, bit := w.place(index)
	w.seen[word] |= bit
}

// forget clears the places of the indexes from first to last, which have been those of older ones.
func (w *window) forget(first, last uint64) {
	if last-first >= w.size() {
		clear(w.seen)
		return
	}
	for index := first; index <= last; index++ {
		word, bit := w.place(index)
		w.seen[word] &^= bit
	}
}

func (w *window) size() uint64 { return uint64(len(w.seen)) * 64 }

func (w *window) place(index uint64) (word int, bit uint64) {
	at := index % w.size()
	return int(at / 64), 1 << (at % 64)
}
