package munge

import "encoding/binary"

// vp8Descriptor is where the numbers of a VP8 payload descriptor stand (RFC 7741 section 4.2). Offsets are
// from the payload's first byte; 0 means absent, because byte 0 is never one of them.
type vp8Descriptor struct {
	size    uint8 // bytes before the VP8 payload header
	picture uint8 // offset of the PictureID
	long    bool  // PictureID has 15 bits (M), else 7
	tl0     uint8 // offset of TL0PICIDX
}

// parseVP8 reads the descriptor. ok is false when the payload ends inside it.
func parseVP8(p []byte) (d vp8Descriptor, temporal uint8, ok bool) {
	if len(p) == 0 {
		return d, 0, false
	}
	n := 1
	if p[0]&0x80 != 0 { // X: extension byte follows
		if len(p) < 2 {
			return d, 0, false
		}
		x := p[1]
		n = 2
		if x&0x80 != 0 { // I: PictureID
			if n >= len(p) {
				return d, 0, false
			}
			d.picture, d.long = uint8(n), p[n]&0x80 != 0
			n++
			if d.long {
				n++
			}
		}
		if x&0x40 != 0 { // L: TL0PICIDX
			d.tl0 = uint8(n)
			n++
		}
		if x&0x30 != 0 { // T or K share a byte
			if x&0x20 != 0 && n < len(p) {
				temporal = p[n] >> 6
			}
			n++
		}
	}
	d.size = uint8(n)
	return d, temporal, n < len(p) // at least one byte of VP8 must follow
}

// describeVP8 finds frame starts and keyframes (RFC 7741 sections 4.2 and 4.3; RFC 6386 section 9.1).
func describeVP8(p []byte) Description {
	d, temporal, ok := parseVP8(p)
	if !ok {
		return Description{}
	}
	out := Description{TemporalLayer: temporal, vp8: d}
	out.Start = p[0]&0x10 != 0 && p[0]&0x07 == 0 // S set, partition 0
	if !out.Start {
		return out
	}
	body := p[d.size:]
	out.Keyframe = body[0]&0x01 == 0 // P clear
	if out.Keyframe && len(body) >= 10 && body[3] == 0x9d && body[4] == 0x01 && body[5] == 0x2a {
		out.Width = binary.LittleEndian.Uint16(body[6:]) & 0x3fff
		out.Height = binary.LittleEndian.Uint16(body[8:]) & 0x3fff
	}
	return out
}

// pictureID reads the PictureID; 0 where there is none.
func (d vp8Descriptor) pictureID(p []byte) uint16 {
	switch {
	case d.picture == 0:
		return 0
	case d.long:
		return binary.BigEndian.Uint16(p[d.picture:]) & 0x7fff
	}
	return uint16(p[d.picture] & 0x7f)
}

// tl0PicIdx reads TL0PICIDX; 0 where there is none.
func (d vp8Descriptor) tl0PicIdx(p []byte) uint8 {
	if d.tl0 == 0 {
		return 0
	}
	return p[d.tl0]
}

// rewrite puts other numbers in place, in the width that the descriptor has; absent fields stay absent.
func (d vp8Descriptor) rewrite(p []byte, picture uint16, tl0 uint8) {
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
