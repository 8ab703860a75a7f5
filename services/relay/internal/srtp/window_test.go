package srtp

import (
	"encoding/binary"
	"testing"
)

// FuzzWindow_AgreesWithAListOfAllIndexes walks through numbers, two bytes each, as they would come.
func FuzzWindow_AgreesWithAListOfAllIndexes(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0, 2, 0, 0, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xfe, 0, 5})
	f.Add([]byte{0x70, 0, 0xe0, 0, 0, 3, 0xff, 0xff, 0xff, 0xc4, 0xff, 0xc3, 0, 3, 0, 0})
	f.Add([]byte{0, 0, 0, 0x40, 0, 0x41, 0, 0, 0, 1, 0, 0x80, 0, 0x41, 0, 0x40})
	f.Fuzz(func(t *testing.T, script []byte) {
		const size = 64
		w, used, newest := newWindow(size), map[uint64]bool{}, int64(-1)
		for ; len(script) >= 2; script = script[2:] {
			seq := binary.BigEndian.Uint16(script)
			want := nearest(seq, newest)
			index, ok := w.extend(seq)
			if ok != (want >= 0) || ok && index != uint64(want) {
				t.Fatalf("%d after %d is %d %v, want %d", seq, newest, index, ok, want)
			}
			if !ok {
				continue
			}
			fresh := !used[index] && want > newest-size
			if w.fresh(index) != fresh {
				t.Fatalf("%d after %d: fresh %v", index, newest, !fresh)
			}
			if fresh {
				w.use(index)
				used[index], newest = true, max(newest, want)
			}
		}
	})
}

// nearest returns the index that ends in seq and lies closest to the newest, below it when two are as close.
func nearest(seq uint16, newest int64) int64 {
	if newest < 0 {
		return int64(seq)
	}
	index := newest&^0xffff + int64(seq)
	switch {
	case index-newest >= 1<<15:
		return index - 1<<16
	case newest-index > 1<<15:
		return index + 1<<16
	}
	return index
}
