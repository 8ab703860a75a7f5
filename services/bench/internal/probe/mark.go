// Package probe makes media packets whose content proves itself, and checks what arrives.
//
// A payload looks like VP8 or Opus from outside, so that a relay handles it as it would a browser's. Its last bytes
// are a [Mark]: who sent it, of what kind, and a number that grows by one with each packet of a stream. A checksum
// covers all that a relay has no business to change. A [Checker] reads the marks and tells loss, repetition, wrong
// order, foreign and broken content apart.
//
// The package starts no goroutines and opens nothing.
package probe

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"hash/fnv"
	"time"
)

// Kind is what a stream carries.
type Kind uint8

// The kinds of streams.
const (
	Audio Kind = 1
	Video Kind = 2
)

// Mark is the proof in a packet.
type Mark struct {
	// Publisher is the PublisherOf the participant who sent it.
	Publisher uint64
	// Stream is random for each microphone or camera: whoever connects again begins a new one.
	Stream uint32
	// Counter grows by one with each packet of the stream.
	Counter uint64
	// Frame is the number of the video frame, or of the sound packet.
	Frame uint32
	Kind  Kind
	// Sent is when the packet was made, by the clock of this machine.
	Sent time.Time
	// FirstOfFrame and LastOfFrame are set on the packets that begin and complete their frame.
	FirstOfFrame, LastOfFrame bool
	// Keyframe is set on all packets of a keyframe.
	Keyframe bool
}

const (
	markSize  = 40
	markMagic = 0x746b // "tk"

	flagLast     = 1
	flagKeyframe = 2
	flagFirst    = 4
)

// ErrContent says that a payload is not one that this package made, or was changed on its way.
var ErrContent = errors.New("probe: broken content")

// PublisherOf is a participant's number in marks.
func PublisherOf(participantID string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(participantID)) // never fails
	return h.Sum64()
}

// appendMark ends a payload with its mark, stamped with the time. The checksum covers payload[from:], where what a relay may rewrite is over.
func appendMark(payload []byte, from int, m Mark) []byte {
	var flags byte
	if m.LastOfFrame {
		flags |= flagLast
	}
	if m.Keyframe {
		flags |= flagKeyframe
	}
	if m.FirstOfFrame {
		flags |= flagFirst
	}
	payload = binary.BigEndian.AppendUint16(payload, markMagic)
	payload = append(payload, byte(m.Kind), flags)
	payload = binary.BigEndian.AppendUint64(payload, m.Publisher)
	payload = binary.BigEndian.AppendUint64(payload, m.Counter)
	payload = binary.BigEndian.AppendUint32(payload, m.Frame)
	payload = binary.BigEndian.AppendUint32(payload, m.Stream)
	payload = binary.BigEndian.AppendUint64(payload, uint64(time.Now().UnixNano()))
	return binary.BigEndian.AppendUint32(payload, crc32.ChecksumIEEE(payload[from:]))
}

// readMark takes the mark from the end of a payload and checks it.
func readMark(payload []byte, from int) (Mark, error) {
	if len(payload) < from+markSize {
		return Mark{}, ErrContent
	}
	b := payload[len(payload)-markSize:]
	sum := crc32.ChecksumIEEE(payload[from : len(payload)-4])
	if binary.BigEndian.Uint16(b) != markMagic || binary.BigEndian.Uint32(b[36:]) != sum {
		return Mark{}, ErrContent
	}
	return Mark{
		Kind:         Kind(b[2]),
		FirstOfFrame: b[3]&flagFirst != 0,
		LastOfFrame:  b[3]&flagLast != 0,
		Keyframe:     b[3]&flagKeyframe != 0,
		Publisher:    binary.BigEndian.Uint64(b[4:]),
		Counter:      binary.BigEndian.Uint64(b[12:]),
		Frame:        binary.BigEndian.Uint32(b[20:]),
		Stream:       binary.BigEndian.Uint32(b[24:]),
		Sent:         time.Unix(0, int64(binary.BigEndian.Uint64(b[28:]))),
	}, nil
}
