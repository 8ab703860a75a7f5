package estimate

// span is the width of a meter's buckets in microseconds.
const span = 50_000

// meter counts octets in buckets of 50 ms over the last 1.6 s. Times are in microseconds and may run a little backward.
type meter struct {
	octets  [32]int
	first   int64 // bucket of the first octet
	newest  int64
	started bool
}

func (m *meter) add(at int64, octets int) {
	index := at / span
	if !m.started {
		m.started, m.first, m.newest = true, index, index
	}
	if index-m.newest >= int64(len(m.octets)) {
		clear(m.octets[:])
		m.newest = index
	}
	for m.newest < index {
		m.newest++
		m.octets[m.newest&31] = 0
	}
	if m.newest-index < int64(len(m.octets)) {
		m.octets[index&31] += octets
	}
}

// rate is in bits per second over so many whole buckets before the one of a time; 0 when there has been no whole one.
func (m *meter) rate(at int64, buckets int64) float64 {
	end := at / span
	begin := max(end-buckets, m.first)
	if !m.started || end <= begin {
		return 0
	}
	sum := 0
	for i := max(begin, m.newest-int64(len(m.octets))+1); i < min(end, m.newest+1); i++ {
		sum += m.octets[i&31]
	}
	return float64(sum) * 8e6 / float64((end-begin)*span)
}
