package munge

// lastSimpleProfile is the highest profile_idc (88, extended) whose sets carry no chroma format. Only baseline is
// negotiated (package offer); higher profiles go on with unknown size.
const lastSimpleProfile = 88

// spsSize reads the picture size in pixels from a sequence parameter set (ITU-T H.264 section 7.3.2.1.1).
// It returns zeros for a set that it cannot read to that point.
func spsSize(nal []byte) (width, height uint16) {
	if len(nal) < 4 || nal[1] > lastSimpleProfile {
		return 0, 0
	}
	b := bitReader{data: nal[4:]} // past NAL header, profile, constraints, level
	b.exp()                       // seq_parameter_set_id
	b.exp()                       // log2_max_frame_num_minus4
	skipPictureOrder(&b)
	b.exp()  // max_num_ref_frames
	b.take() // gaps_in_frame_num_value_allowed_flag
	columns, rows := b.exp()+1, b.exp()+1
	frames := b.take() // frame_mbs_only_flag
	if frames == 0 {
		b.take() // mb_adaptive_frame_field_flag
	}
	b.take() // direct_8x8_inference_flag
	cropX, cropY := uint32(0), uint32(0)
	if b.take() == 1 { // frame_cropping_flag
		left, right, top, bottom := b.exp(), b.exp(), b.exp(), b.exp()
		cropX, cropY = (left+right)*2, (top+bottom)*2*(2-frames) // chroma 4:2:0, equations 7-19 to 7-22
	}
	w, h := columns*16, rows*16*(2-frames)
	if b.failed || columns > 1024 || rows > 1024 || cropX >= w || cropY >= h {
		return 0, 0
	}
	return uint16(w - cropX), uint16(h - cropY)
}

// skipPictureOrder reads past the picture order count fields.
func skipPictureOrder(b *bitReader) {
	switch b.exp() { // pic_order_cnt_type
	case 0:
		b.exp() // log2_max_pic_order_cnt_lsb_minus4
	case 1:
		b.take()   // delta_pic_order_always_zero_flag
		b.signed() // offset_for_non_ref_pic
		b.signed() // offset_for_top_to_bottom_field
		for n := b.exp(); n > 0 && !b.failed; n-- {
			b.signed() // offset_for_ref_frame
		}
	}
}

// bitReader reads a raw byte sequence payload bit by bit, leaving out emulation prevention bytes (section 7.4.1).
// Past the end it reads zeros and sets failed.
type bitReader struct {
	data   []byte
	at     int // next bit of data[0]
	zeros  int // zero bytes in a row before data[0]
	failed bool
}

// take reads one bit.
func (b *bitReader) take() uint32 {
	if b.at == 8 {
		b.next()
	}
	if b.at == 0 && b.zeros >= 2 && len(b.data) > 0 && b.data[0] == 3 {
		b.data, b.zeros = b.data[1:], 0
	}
	if len(b.data) == 0 {
		b.failed = true
		return 0
	}
	bit := b.data[0] >> (7 - b.at) & 1
	b.at++
	return uint32(bit)
}

// next moves on to the next byte.
func (b *bitReader) next() {
	if b.data[0] == 0 {
		b.zeros++
	} else {
		b.zeros = 0
	}
	b.data, b.at = b.data[1:], 0
}

// exp reads an unsigned Exp-Golomb code (section 9.1).
func (b *bitReader) exp() uint32 {
	zeros := 0
	for b.take() == 0 {
		if zeros++; zeros > 31 || b.failed {
			b.failed = true
			return 0
		}
	}
	value := uint32(1)
	for range zeros {
		value = value<<1 | b.take()
	}
	return value - 1
}

// signed reads a signed Exp-Golomb code (section 9.1.1).
func (b *bitReader) signed() int32 {
	code := b.exp()
	if code%2 == 1 {
		return int32(code/2 + 1)
	}
	return -int32(code / 2)
}
