package probe

import (
	"encoding/binary"
	"math/rand/v2"
)

const (
	// descriptorSize of RFC 7741 section 4.2 with X, a 15-bit PictureID and TL0PICIDX.
	descriptorSize = 5
	// headerSize is that of the largest frame header.
	headerSize = 10
)

// Format is how a camera's frames look on the wire.
type Format struct {
	// Width and Height in pixels, as the frame headers say.
	Width, Height uint16
	// PayloadBytes is the size of an RTP payload; a frame's first one is some bytes larger.
	PayloadBytes int
	// PerFrame and PerKeyframe are numbers of packets.
	PerFrame, PerKeyframe int
}

// small gives about 0.4 Mbit/s at 25 frames/s.
var small = Format{Width: 640, Height: 360, PayloadBytes: 737, PerFrame: 2, PerKeyframe: 6}

// Picture makes the frames of one camera.
type Picture struct {
	format    Format
	publisher uint64
	stream    uint32
	counter   uint64
	frame     uint32
}

// NewPicture returns the camera of a participant, of 640x360 pixels.
func NewPicture(participantID string) *Picture { return NewPictureOf(participantID, small) }

// NewPictureOf returns a camera, or a layer of one, of a format.
func NewPictureOf(participantID string, f Format) *Picture {
	return &Picture{format: f, publisher: PublisherOf(participantID), stream: rand.Uint32()}
}

// Next returns the payloads of the next frame, in order.
func (p *Picture) Next(keyframe bool) [][]byte {
	p.frame++
	n := p.format.PerFrame
	if keyframe {
		n = p.format.PerKeyframe
	}
	filling := p.format.PayloadBytes - descriptorSize - markSize
	payloads := make([][]byte, n)
	for i := range payloads {
		p.counter++
		payload := make([]byte, 0, headerSize+p.format.PayloadBytes)
		payload = p.descriptor(payload, i == 0)
		if i == 0 {
			payload = p.header(payload, keyframe)
		}
		payload = fill(payload, filling, p.counter)
		payloads[i] = appendMark(payload, descriptorSize, Mark{
			Publisher: p.publisher, Stream: p.stream, Counter: p.counter, Frame: p.frame, Kind: Video,
			FirstOfFrame: i == 0, LastOfFrame: i == n-1, Keyframe: keyframe,
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

// header appends the start of a VP8 frame (RFC 6386 section 9.1), shown, with an empty first partition.
func (p *Picture) header(b []byte, keyframe bool) []byte {
	if !keyframe {
		return append(b, 0x11, 0, 0)
	}
	b = append(b, 0x10, 0, 0, 0x9d, 0x01, 0x2a)
	b = binary.LittleEndian.AppendUint16(b, p.format.Width)
	return binary.LittleEndian.AppendUint16(b, p.format.Height)
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
