package probe

import (
	"encoding/binary"
	"math/rand/v2"
)

const (
	// videoFill is how many bytes of picture a packet pretends to carry.
	videoFill = 700
	// packetsPerFrame and packetsPerKeyframe give about 0.4 Mbit/s at 25 frames/s.
	packetsPerFrame    = 2
	packetsPerKeyframe = 6

	// descriptorSize of RFC 7741 section 4.2 with X, a 15-bit PictureID and TL0PICIDX.
	descriptorSize = 5
)

// Picture makes the frames of one camera, of 640x360 pixels by their headers.
type Picture struct {
	publisher uint64
	stream    uint32
	counter   uint64
	frame     uint32
}

// NewPicture returns the camera of a participant.
func NewPicture(participantID string) *Picture {
	return &Picture{publisher: PublisherOf(participantID), stream: rand.Uint32()}
}

// Next returns the payloads of the next frame, in order.
func (p *Picture) Next(keyframe bool) [][]byte {
	p.frame++
	n := packetsPerFrame
	if keyframe {
		n = packetsPerKeyframe
	}
	payloads := make([][]byte, n)
	for i := range payloads {
		p.counter++
		payload := make([]byte, 0, descriptorSize+10+videoFill+markSize)
		payload = p.descriptor(payload, i == 0)
		if i == 0 {
			payload = frameHeader(payload, keyframe)
		}
		payload = fill(payload, videoFill, p.counter)
		payloads[i] = appendMark(payload, descriptorSize, Mark{
			Publisher: p.publisher, Stream: p.stream, Counter: p.counter, Frame: p.frame, Kind: Video,
			LastOfFrame: i == n-1, Keyframe: keyframe,
		})
	}
	return payloads
}

// descriptor appends a VP8 payload descriptor.
func (p *Picture) descriptor(b []byte, start bool) []byte {
	first := byte(0x80) // X
	if start {
		first |= 0x10 // S
	}
	b = append(b, first, 0xc0) // I and L
	b = binary.BigEndian.AppendUint16(b, 0x8000|uint16(p.frame&0x7fff))
	return append(b, byte(p.frame))
}

// frameHeader appends the start of a VP8 frame (RFC 6386 section 9.1), shown, with an empty first partition.
func frameHeader(b []byte, keyframe bool) []byte {
	if !keyframe {
		return append(b, 0x11, 0, 0)
	}
	b = append(b, 0x10, 0, 0, 0x9d, 0x01, 0x2a)
	b = binary.LittleEndian.AppendUint16(b, 640)
	return binary.LittleEndian.AppendUint16(b, 360)
}

// ReadPicture returns the mark of a VP8 payload.
func ReadPicture(payload []byte) (Mark, error) {
	size, ok := descriptorLength(payload)
	if !ok {
		return Mark{}, ErrContent
	}
	return readKind(payload, size, Video)
}

// descriptorLength measures a VP8 payload descriptor, of any fields: a relay may write it anew.
func descriptorLength(p []byte) (int, bool) {
	if len(p) < 2 {
		return 0, false
	}
	if p[0]&0x80 == 0 {
		return 1, true
	}
	n := 2
	if p[1]&0x80 != 0 { // I
		if len(p) < 3 {
			return 0, false
		}
		n++
		if p[2]&0x80 != 0 { // M
			n++
		}
	}
	if p[1]&0x40 != 0 { // L
		n++
	}
	if p[1]&0x30 != 0 { // T, K
		n++
	}
	return n, n <= len(p)
}
