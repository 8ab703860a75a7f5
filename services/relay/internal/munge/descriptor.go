package munge

import "encoding/binary"

// descriptor is where the numbers of a payload descriptor stand that change when a stream takes over: those of VP8 (RFC
// 7741 section 4.2) and of VP9 (RFC 9628 section 4.2) have the same layout. Offsets are from the payload's first byte; 0
// means absent, because byte 0 is never one of them.
type descriptor struct {
	size    uint16 // bytes before the codec's own header
	picture uint8  // offset of the PictureID
	long    bool   // PictureID has 15 bits (M), else 7
	tl0     uint8  // offset of TL0PICIDX
}

// pictureID reads the PictureID; 0 where there is none.
func (d descriptor) pictureID(p []byte) uint16 {
	switch {
	case d.picture == 0:
		return 0
	case d.long:
		return binary.BigEndian.Uint16(p[d.picture:]) & 0x7fff
	}
	return uint16(p[d.picture] & 0x7f)
}

// tl0PicIdx reads TL0PICIDX; 0 where there is none.
func (d descriptor) tl0PicIdx(p []byte) uint8 {
	if d.tl0 == 0 {
		return 0
	}
	return p[d.tl0]
}

// rewrite puts other numbers in place, in the width that the descriptor has; absent fields stay absent.
func (d descriptor) rewrite(p []byte, picture uint16, tl0 uint8) {
	switch {
	case d.picture == 0:
	case d.long:
		binary.BigEndian.PutUint16(p[d.picture:], 0x8000|picture&0x7fff)
	default:
		p[d.picture] = byte(picture & 0x7f)
	}
	if d.tl0 != 0 {
		p[d.tl0] = tl0
	}
}
