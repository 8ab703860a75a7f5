package munge

// Bits of the first byte of a VP9 payload descriptor (RFC 9628 section 4.2).
const (
	vp9PictureID  = 0x80 // I
	vp9Predicted  = 0x40 // P: needs earlier pictures
	vp9Layers     = 0x20 // L
	vp9Flexible   = 0x10 // F
	vp9Begins     = 0x08 // B: first packet of a frame
	vp9Structure  = 0x02 // V
	vp9References = 3    // at most, of a picture in flexible mode
)

// vp9Layer is what the layer indices of a packet say.
type vp9Layer struct{ temporal, spatial uint8 }

// parseVP9 reads the payload descriptor. ok is false when the payload ends inside it.
func parseVP9(p []byte) (d descriptor, layer vp9Layer, ok bool) {
	if len(p) == 0 {
		return d, layer, false
	}
	first, n := p[0], 1
	if first&vp9PictureID != 0 {
		if n >= len(p) {
			return d, layer, false
		}
		d.picture, d.long = uint8(n), p[n]&0x80 != 0
		if n++; d.long {
			n++
		}
	}
	if first&vp9Layers != 0 {
		if n >= len(p) {
			return d, layer, false
		}
		layer = vp9Layer{temporal: p[n] >> 5, spatial: p[n] >> 1 & 7}
		if n++; first&vp9Flexible == 0 {
			d.tl0 = uint8(n)
			n++
		}
	}
	if first&vp9Flexible != 0 && first&vp9Predicted != 0 {
		n = skipReferences(p, n)
	}
	if first&vp9Structure != 0 {
		n = skipStructure(p, n)
	}
	if n >= len(p) { // at least one byte of VP9 must follow
		return d, layer, false
	}
	d.size = uint16(n)
	return d, layer, true
}

// skipReferences reads past the pictures that a picture refers to in flexible mode: P_DIFF and N, whether another
// follows.
func skipReferences(p []byte, n int) int {
	for range vp9References {
		if n++; n > len(p) || p[n-1]&1 == 0 {
			break
		}
	}
	return n
}

// skipStructure reads past the scalability structure (RFC 9628 section 4.2.1).
func skipStructure(p []byte, n int) int {
	if n >= len(p) {
		return len(p)
	}
	first := p[n]
	n++
	if first&0x10 != 0 { // Y: width and height of each spatial layer
		n += 4 * (int(first>>5) + 1)
	}
	if first&0x08 == 0 || n >= len(p) { // G: description of a group of pictures
		return n
	}
	pictures := int(p[n])
	n++
	for ; pictures > 0 && n < len(p); pictures-- {
		n += 1 + int(p[n]>>2&3) // R references
	}
	return n
}

// describeVP9 finds the starts of pictures, and among them keyframes.
func describeVP9(p []byte) Description {
	d, layer, ok := parseVP9(p)
	if !ok {
		return Description{}
	}
	out := Description{TemporalLayer: layer.temporal, descriptor: d}
	out.Start = p[0]&vp9Begins != 0 && layer.spatial == 0
	if out.Start && p[0]&vp9Predicted == 0 {
		out.Keyframe, out.Width, out.Height = vp9Keyframe(p[d.size:])
	}
	return out
}

// vp9Keyframe reads the uncompressed header of a frame (VP9 bitstream specification, section 6.2) of profile 0. A frame
// that is not predicted may still be an intra-only one, which is no place for a decoder to begin.
func vp9Keyframe(frame []byte) (key bool, width, height uint16) {
	b := fieldReader{data: frame}
	marker, profile := b.take(2), b.take(2)
	existing, inter := b.flag(), b.flag()
	if b.take(2); b.failed || marker != 2 || profile != 0 || existing || inter { // show_frame, error_resilient_mode
		return false, 0, 0
	}
	if b.take(24) != 0x498342 { // frame_sync_code
		return true, 0, 0
	}
	const rgb = 7 // not allowed in profile 0
	if b.take(3) == rgb {
		return true, 0, 0
	}
	b.take(1) // color_range
	width, height = uint16(b.take(16)), uint16(b.take(16))
	if b.failed || width == 0xffff || height == 0xffff {
		return true, 0, 0
	}
	return true, width + 1, height + 1
}
