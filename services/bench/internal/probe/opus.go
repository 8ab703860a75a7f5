package probe

import "math/rand/v2"

// opusTOC announces one 20 ms CELT frame, full band, mono (RFC 6716 section 3.1).
const opusTOC = 31 << 3

// opusFill is how many bytes of sound a packet pretends to carry; about 40 kbit/s with the mark.
const opusFill = 59

// Sound makes the packets of one microphone.
type Sound struct {
	publisher uint64
	stream    uint32
	counter   uint64
}

// NewSound returns the microphone of a participant.
func NewSound(participantID string) *Sound {
	return &Sound{publisher: PublisherOf(participantID), stream: rand.Uint32()}
}

// Next returns the payload of the next 20 ms.
func (s *Sound) Next() []byte {
	s.counter++
	payload := fill(append(make([]byte, 0, 1+opusFill+markSize), opusTOC), opusFill, s.counter)
	return appendMark(payload, 0, Mark{
		Publisher: s.publisher, Stream: s.stream, Counter: s.counter, Frame: uint32(s.counter), Kind: Audio,
		FirstOfFrame: true, LastOfFrame: true,
	})
}

// ReadSound returns the mark of an Opus payload.
func ReadSound(payload []byte) (Mark, error) { return readKind(payload, 0, Audio) }

// fill appends n bytes that differ from packet to packet.
func fill(payload []byte, n int, counter uint64) []byte {
	x := counter*0x9e3779b97f4a7c15 + 1
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		payload = append(payload, byte(x))
	}
	return payload
}

func readKind(payload []byte, from int, want Kind) (Mark, error) {
	m, err := readMark(payload, from)
	if err == nil && m.Kind != want {
		err = ErrContent
	}
	return m, err
}
