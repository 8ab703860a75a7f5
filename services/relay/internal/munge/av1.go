package munge

import "iter"

// Bits of the aggregation header of an AV1 packet (RTP Payload Format For AV1, section 4.4).
const (
	av1Continues = 0x80 // Z: the first element goes on from the packet before
	av1NewStream = 0x08 // N: first packet of a coded video sequence
)

// Types of OBUs (AV1 bitstream specification, section 6.2.2).
const (
	obuSequenceHeader = 1
	obuFrameHeader    = 3
	obuFrame          = 6
)

// describeAV1 finds the first packets of frames, and of coded video sequences, which begin with a sequence header and a
// keyframe.
func describeAV1(p []byte) Description {
	if len(p) == 0 {
		return Description{}
	}
	var out Description
	first := true
	for element := range obuElements(p) {
		continued := first && p[0]&av1Continues != 0
		first = false
		if continued {
			continue
		}
		kind, temporal, body := obuHeader(element)
		switch kind {
		case obuSequenceHeader:
			out.Start = true
			if p[0]&av1Continues == 0 && p[0]&av1NewStream != 0 {
				out.Keyframe = true
				out.Width, out.Height = av1Size(body)
			}
		case obuFrameHeader, obuFrame:
			out.Start, out.TemporalLayer = true, temporal
		}
	}
	return out
}

// obuElements yields the OBUs of a packet and parts of such: W of them, of which the last has no length, or as many as
// there are.
func obuElements(p []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		count, rest := int(p[0]>>4&3), p[1:]
		for n := 1; len(rest) > 0; n++ {
			size := len(rest)
			if n != count {
				var ok bool
				if size, rest, ok = leb128(rest); !ok {
					return
				}
			}
			size = min(size, len(rest)) // a packet may be cut short: what is there can be read
			if size > 0 && !yield(rest[:size]) || n == count {
				return
			}
			rest = rest[size:]
		}
	}
}

// leb128 reads a length (AV1 bitstream specification, section 4.10.5). Lengths beyond any packet are refused.
func leb128(p []byte) (value int, rest []byte, ok bool) {
	for i := 0; i < len(p) && i < 8; i++ {
		value |= int(p[i]&0x7f) << (7 * i)
		if p[i]&0x80 == 0 {
			return value, p[i+1:], value < 1<<16
		}
	}
	return 0, nil, false
}

// obuHeader reads the type of an OBU, its temporal layer, and what follows the header (section 5.3).
func obuHeader(obu []byte) (kind, temporal uint8, body []byte) {
	kind, body = obu[0]>>3&0xf, obu[1:]
	if obu[0]&0x04 != 0 && len(body) > 0 { // extension
		temporal, body = body[0]>>5, body[1:]
	}
	if obu[0]&0x02 != 0 { // size, which RTP leaves out as a rule
		if _, rest, ok := leb128(body); ok {
			body = rest
		}
	}
	return kind, temporal, body
}

// av1Size reads the largest picture of a sequence out of its header (section 5.5.1): encoders of one layer fill it.
func av1Size(header []byte) (width, height uint16) {
	b := fieldReader{data: header}
	b.take(3 + 1) // seq_profile, still_picture
	if b.flag() { // reduced_still_picture_header
		b.take(5) // seq_level_idx
	} else {
		skipOperatingPoints(&b)
	}
	widthBits, heightBits := int(b.take(4))+1, int(b.take(4))+1
	w, h := b.take(widthBits), b.take(heightBits)
	if b.failed || w >= 0xffff || h >= 0xffff {
		return 0, 0
	}
	return uint16(w + 1), uint16(h + 1)
}

// skipOperatingPoints reads past timing, decoder model and operating points.
func skipOperatingPoints(b *fieldReader) {
	model, delayBits := false, 0
	if b.flag() { // timing_info_present_flag
		b.take(32)    // num_units_in_display_tick
		b.take(32)    // time_scale
		if b.flag() { // equal_picture_interval
			skipUvlc(b) // num_ticks_per_picture_minus_1
		}
		if model = b.flag(); model { // decoder_model_info_present_flag
			delayBits = int(b.take(5)) + 1
			b.take(32)    // num_units_in_decoding_tick
			b.take(5 + 5) // lengths of removal and presentation times
		}
	}
	display := b.flag() // initial_display_delay_present_flag
	for points := b.take(5) + 1; points > 0 && !b.failed; points-- {
		b.take(12)         // operating_point_idc
		if b.take(5) > 7 { // seq_level_idx
			b.take(1) // seq_tier
		}
		if model && b.flag() { // decoder_model_present_for_this_op
			b.take(delayBits) // decoder_buffer_delay
			b.take(delayBits) // encoder_buffer_delay
			b.take(1)         // low_delay_mode_flag
		}
		if display && b.flag() { // initial_display_delay_present_for_this_op
			b.take(4)
		}
	}
}

// skipUvlc reads past a variable length code (section 4.10.3).
func skipUvlc(b *fieldReader) {
	zeros := 0
	for !b.flag() && !b.failed {
		zeros++
	}
	if zeros < 32 {
		b.take(zeros)
	}
}
