package packetcache

// slab is a ring of bytes. What is written lies in one piece; a piece that does not fit before the end starts at
// the front. Positions count all bytes ever passed and never wrap.
type slab struct {
	data []byte
	head uint64 // position of the next write
}

// write copies b, which must not be longer than the slab, and returns its position.
func (s *slab) write(b []byte) (at uint64) {
	size := uint64(len(s.data))
	if left := size - s.head%size; left < uint64(len(b)) {
		s.head += left
	}
	at = s.head
	copy(s.data[at%size:], b)
	s.head += uint64(len(b))
	return at
}

// holds reports whether nothing was written over what was put at this position.
func (s *slab) holds(at uint64) bool { return s.head <= at+uint64(len(s.data)) }

// keeps reports whether what was put at this position stays while another quarter of the slab is written.
func (s *slab) keeps(at uint64) bool { return s.head+uint64(len(s.data))/4 <= at+uint64(len(s.data)) }

// read is a view of size bytes at a position that is still held.
func (s *slab) read(at uint64, size int) []byte {
	from := at % uint64(len(s.data))
	return s.data[from : from+uint64(size)]
}
