package munge

import "encoding/binary"

// parseVP8 reads the descriptor. ok is false when the payload ends inside it.
func parseVP8(p []byte) (d descriptor, temporal uint8, sync, ok bool) {
	if len(p) == 0 {
		return d, 0, false, false
	}
	n := 1
	if p[0]&0x80 != 0 { // X: extension byte follows
		if len(p) < 2 {
			return d, 0, false, false
		}
		x := p[1]
		n = 2
		if x&0x80 != 0 { // I: PictureID
			if n >= len(p) {
				return d, 0, false, false
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
				temporal, sync = p[n]>>6, p[n]&0x20 != 0
			}
			n++
		}
	}
	d.size = uint16(n)
	return d, temporal, sync, n < len(p) // at least one byte of VP8 must follow
}

// describeVP8 finds frame starts and keyframes (RFC 7741 sections 4.2 and 4.3; RFC 6386 section 9.1).
func describeVP8(p []byte) Description {
	d, temporal, sync, ok := parseVP8(p)
	if !ok {
		return Description{}
	}
	out := Description{TemporalLayer: temporal, Sync: sync, descriptor: d}
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
