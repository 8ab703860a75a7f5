package munge

// span is a run of a source's packets, from the extended number first on, that share one shift between incoming
// and outgoing numbers. A packet left out on purpose begins a new span, one number further back.
type span struct {
	first   uint64
	seq     uint16
	picture uint16
	tl0     uint8
}

// maxSpans bounds how far back late packets find their span; one may be needed per gap closed lately.
const maxSpans = 16

// spans are the newest spans of the current source, oldest first.
type spans struct {
	list [maxSpans]span
	n    int
}

// begin forgets all spans: a new source starts at s.first, and what lies before has no place in the output.
func (s *spans) begin(first span) { s.list[0], s.n = first, 1 }

// find returns the span of a packet; ok is false when the packet is from before the switch or too long ago, or was left
// out: its number went to the one behind it.
func (s *spans) find(ext uint64) (sp span, ok bool) {
	for i := s.n - 1; i >= 0; i-- {
		if sp = s.list[i]; ext < sp.first {
			continue
		}
		return sp, i == s.n-1 || ext < s.list[i+1].first-uint64(sp.seq-s.list[i+1].seq)
	}
	return span{}, false
}

// close makes the packet ext, the newest so far, vanish from the output together with pictures and tl0 steps of
// picture numbering.
func (s *spans) close(ext uint64, pictures uint16, tl0 uint8) {
	last := s.list[s.n-1]
	next := span{first: ext + 1, seq: last.seq - 1, picture: last.picture - pictures, tl0: last.tl0 - tl0}
	switch {
	case last.first == ext: // nothing went out by the last span
		s.list[s.n-1] = next
		return
	case s.n == maxSpans:
		copy(s.list[:], s.list[1:])
		s.n--
	}
	s.list[s.n] = next
	s.n++
}
